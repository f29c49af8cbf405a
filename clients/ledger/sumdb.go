// Verifies a ledger's files with the packages that Go's checksum database is verified with, which
// know nothing of Tiergate.
//
// Arguments: a public key of the log, the ledger's folder, a folder of checkpoints kept since
// earlier, a folder of receipts. The key may have been handed over since: the handovers in the log
// are followed. Ends with 0 and `accepted: ...`, or with 1 and `refused: ...`.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// C2SP tlog-tiles has 256 hashes to a tile.
const height = 8

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "give a key, a ledger, a folder of checkpoints, one of receipts")
		os.Exit(2)
	}
	said, err := verify(os.Args[1], os.Args[2], os.Args[3], os.Args[4])
	if err != nil {
		fmt.Printf("refused: %v\n", err)
		os.Exit(1)
	}
	fmt.Printf("accepted: %s\n", said)
}

func verify(key, folder, kept, receipts string) (string, error) {
	bytes, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return "", err
	}
	// What it claims is believed only once the key that the entries lead to has opened it.
	claimed, err := parse(string(bytes))
	if err != nil {
		return "", err
	}
	entries, err := readEntries(folder, claimed.N)
	if err != nil {
		return "", err
	}
	keys, root, err := follow(key, entries)
	if err != nil {
		return "", err
	}
	tree, err := open(bytes, keys[len(keys)-1].verifier)
	if err != nil {
		return "", err
	}
	if root != tree.Hash {
		return "", errors.New("the entries make another root than the signed one")
	}
	// The reader holds every tile against the signed root before it gives a hash of it.
	hashes := tlog.TileHashReader(tree, files{folder})
	if err := checkEntries(entries, tree, hashes); err != nil {
		return "", err
	}
	earlier, err := eachFile(kept, func(path string) error {
		return checkKept(path, tree, hashes, keys)
	})
	if err != nil {
		return "", err
	}
	given, err := eachFile(receipts, func(path string) error {
		return checkReceipt(path, keys)
	})
	said := fmt.Sprintf("%d entries, %d checkpoints, %d receipts", tree.N, earlier, given)
	return said, err
}

// term is a key that the log has had, with the sizes of the trees that it may sign.
type term struct {
	text        string
	verifier    note.Verifier
	first, last int64
}

// handover is an entry, as far as it hands the log's key over.
type handover struct {
	Kind string
	Body json.RawMessage
}

// handoverBody is what the entry of a handover says.
type handoverBody struct{ From, To, Statement string }

// follow computes the root of the entries' tree and the keys that the handovers among them lead
// through, of which the trusted one has to be one.
func follow(trusted string, entries [][]byte) ([]term, tlog.Hash, error) {
	var keys []term
	var root tlog.Hash
	first, err := newTerm(trusted, 0)
	if err != nil {
		return nil, root, err
	}
	var stored []tlog.Hash
	own := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, 0, len(indexes))
		for _, index := range indexes {
			if index >= int64(len(stored)) {
				return nil, errors.New("a hash is asked for before its entries were read")
			}
			found = append(found, stored[index])
		}
		return found, nil
	})
	for index, entry := range entries {
		at := int64(index)
		var read handover
		if err := json.Unmarshal(entry, &read); err != nil {
			return nil, root, fmt.Errorf("entry %d: %w", at, err)
		}
		if read.Kind == "ledger.handed_over" {
			before, err := tlog.TreeHash(at, own)
			if err != nil {
				return nil, root, err
			}
			keys, err = handOver(keys, first.verifier.Name(), at, before, read.Body)
			if err != nil {
				return nil, root, fmt.Errorf("entry %d: %w", at, err)
			}
		}
		more, err := tlog.StoredHashes(at, entry, own)
		if err != nil {
			return nil, root, err
		}
		stored = append(stored, more...)
	}
	if root, err = tlog.TreeHash(int64(len(entries)), own); err != nil {
		return nil, root, err
	}
	if keys == nil {
		return []term{first}, root, nil
	}
	for _, key := range keys {
		if key.text == first.text {
			return keys, root, nil
		}
	}
	return nil, root, errors.New("no handover links the key with the one that signs")
}

// handOver takes in a handover, which the key in force has to have signed for this very place.
func handOver(keys []term, origin string, at int64, root tlog.Hash, raw []byte) ([]term, error) {
	var body handoverBody
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, err
	}
	if keys == nil {
		first, err := newTerm(body.From, 0)
		if err != nil {
			return nil, err
		}
		keys = []term{first}
	}
	inForce := &keys[len(keys)-1]
	next, err := newTerm(body.To, at+1)
	if err != nil {
		return nil, err
	}
	if body.From != inForce.text || next.verifier.Name() != origin || inForce.verifier.Name() != origin {
		return nil, errors.New("it hands over a key that is not in force")
	}
	for _, key := range keys {
		if key.verifier.KeyHash() == next.verifier.KeyHash() {
			return nil, errors.New("it hands over to an earlier key")
		}
	}
	statement, err := note.Open([]byte(body.Statement), note.VerifierList(inForce.verifier))
	if err != nil {
		return nil, err
	}
	said := fmt.Sprintf("%s\nhandover in entry %d\n%s\n%s\n", origin, at, root, body.To)
	if statement.Text != said {
		return nil, errors.New("its statement is of another handover")
	}
	inForce.last = at + 1
	return append(keys, next), nil
}

func newTerm(text string, first int64) (term, error) {
	verifier, err := note.NewVerifier(text)
	return term{text, verifier, first, math.MaxInt64}, err
}

// openBy checks a checkpoint by the key that was in force for a tree of its size.
func openBy(bytes []byte, keys []term) (tlog.Tree, error) {
	refused := errors.New("it bears no signature by a key of the log")
	for _, key := range keys {
		tree, err := open(bytes, key.verifier)
		if _, is := err.(*note.UnverifiedNoteError); is {
			continue
		}
		if err != nil {
			return tree, err
		}
		if key.first <= tree.N && tree.N <= key.last {
			return tree, nil
		}
		refused = fmt.Errorf("its key may not sign a tree of %d entries", tree.N)
	}
	return tlog.Tree{}, refused
}

// open checks the signature and reads origin, size and root.
func open(bytes []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(bytes, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	if !strings.HasPrefix(opened.Text, verifier.Name()+"\n") {
		return tlog.Tree{}, errors.New("the checkpoint is not one of this log")
	}
	return parse(opened.Text)
}

// parse reads a checkpoint's size and root; tlog.ParseTree knows another format.
func parse(text string) (tlog.Tree, error) {
	var tree tlog.Tree
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return tree, errors.New("this is no checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tree, errors.New("the checkpoint has no size")
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tree, err
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// checkEntries shows for every entry that it is in the signed tree.
func checkEntries(entries [][]byte, tree tlog.Tree, hashes tlog.HashReader) error {
	for index, entry := range entries {
		at := int64(index)
		proof, err := tlog.ProveRecord(tree.N, at, hashes)
		if err != nil {
			return fmt.Errorf("entry %d: %w", at, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, at, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %w", at, err)
		}
	}
	return nil
}

func readEntries(folder string, size int64) ([][]byte, error) {
	var entries [][]byte
	for first := int64(0); first < size; first += 1 << height {
		width := size - first
		if width > 1<<height {
			width = 1 << height
		}
		path := "tile/entries/" + numbered(first>>height, int(width))
		rest, err := os.ReadFile(filepath.Join(folder, path))
		if err != nil {
			return nil, err
		}
		for ; width > 0; width-- {
			if len(rest) < 2 || len(rest)-2 < int(binary.BigEndian.Uint16(rest)) {
				return nil, fmt.Errorf("%s is cut off", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(rest))
			entries = append(entries, rest[2:end])
			rest = rest[end:]
		}
		if len(rest) > 0 {
			return nil, fmt.Errorf("%s goes on after its last entry", path)
		}
	}
	return entries, nil
}

func checkKept(path string, tree tlog.Tree, hashes tlog.HashReader, keys []term) error {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	kept, err := openBy(bytes, keys)
	if err != nil {
		return err
	}
	if kept.N > tree.N {
		return fmt.Errorf("the log has %d entries and had %d", tree.N, kept.N)
	}
	proof, err := tlog.ProveTree(tree.N, kept.N, hashes)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, kept.N, kept.Hash); err != nil {
		return fmt.Errorf("the log does not go on from its first %d entries: %w", kept.N, err)
	}
	return nil
}

// checkReceipt checks a C2SP tlog-proof that bears its entry.
func checkReceipt(path string, keys []term) error {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, signed, _ := strings.Cut(string(bytes), "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		return errors.New("this is no receipt that bears its entry")
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := openBy([]byte(signed), keys)
	if err != nil {
		return err
	}
	if index < 0 || index >= tree.N {
		return errors.New("the receipt's entry is beyond its tree")
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func eachFile(folder string, check func(string) error) (int, error) {
	listed, err := os.ReadDir(folder)
	if err != nil {
		return 0, err
	}
	for _, entry := range listed {
		if err := check(filepath.Join(folder, entry.Name())); err != nil {
			return 0, fmt.Errorf("%s: %w", entry.Name(), err)
		}
	}
	return len(listed), nil
}

// files reads tiles where C2SP tlog-tiles has them; tlog.Tile.Path has the older layout.
type files struct{ folder string }

func (f files) Height() int { return height }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		path := fmt.Sprintf("tile/%d/%s", tile.L, numbered(tile.N, tile.W))
		bytes, err := os.ReadFile(filepath.Join(f.folder, path))
		if err != nil {
			return nil, err
		}
		read = append(read, bytes)
	}
	return read, nil
}

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

// numbered writes an index in groups of three digits, and the width of a partial tile.
func numbered(index int64, width int) string {
	path := fmt.Sprintf("%03d", index%1000)
	for index >= 1000 {
		index /= 1000
		path = fmt.Sprintf("x%03d/%s", index%1000, path)
	}
	if width < 1<<height {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}
