// Verifies a ledger's files with the packages that Go's checksum database is verified with, which
// know nothing of Tiergate.
//
// Arguments: the log's public key, the ledger's folder, a folder of checkpoints kept since
// earlier, a folder of receipts. Ends with 0 and `accepted: ...`, or with 1 and `refused: ...`.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
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
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return "", err
	}
	tree, err := openFile(filepath.Join(folder, "checkpoint"), verifier)
	if err != nil {
		return "", err
	}
	// The reader holds every tile against the signed root before it gives a hash of it.
	hashes := tlog.TileHashReader(tree, files{folder})
	if err := checkEntries(folder, tree, hashes); err != nil {
		return "", err
	}
	earlier, err := eachFile(kept, func(path string) error {
		return checkKept(path, tree, hashes, verifier)
	})
	if err != nil {
		return "", err
	}
	given, err := eachFile(receipts, func(path string) error {
		return checkReceipt(path, verifier)
	})
	said := fmt.Sprintf("%d entries, %d checkpoints, %d receipts", tree.N, earlier, given)
	return said, err
}

func openFile(path string, verifier note.Verifier) (tlog.Tree, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	return open(bytes, verifier)
}

// open checks the signature and reads origin, size and root; tlog.ParseTree knows another format.
func open(bytes []byte, verifier note.Verifier) (tlog.Tree, error) {
	var tree tlog.Tree
	opened, err := note.Open(bytes, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, errors.New("the checkpoint is not one of this log")
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

// checkEntries shows for every entry that it is in the signed tree, and that the entries alone
// make that tree.
func checkEntries(folder string, tree tlog.Tree, hashes tlog.HashReader) error {
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
	entries, err := readEntries(folder, tree.N)
	if err != nil {
		return err
	}
	for index, entry := range entries {
		at := int64(index)
		proof, err := tlog.ProveRecord(tree.N, at, hashes)
		if err != nil {
			return fmt.Errorf("entry %d: %w", at, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, at, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %w", at, err)
		}
		more, err := tlog.StoredHashes(at, entry, own)
		if err != nil {
			return err
		}
		stored = append(stored, more...)
	}
	root, err := tlog.TreeHash(tree.N, own)
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the entries make another root than the signed one")
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

func checkKept(path string, tree tlog.Tree, hashes tlog.HashReader, verifier note.Verifier) error {
	kept, err := openFile(path, verifier)
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
func checkReceipt(path string, verifier note.Verifier) error {
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
	tree, err := open([]byte(signed), verifier)
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
