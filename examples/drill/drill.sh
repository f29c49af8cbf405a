#!/bin/sh
# The drill of docs/drill.md: opens two releases, takes them from one region and then from everybody by
# order, gives them back in steps, and counts after each step which model answers whom. It stops with
# 1 at the first step after which anybody got another model than the orders say.
#
#   tiergate serve --config examples/drill/tiergate.toml --data-dir DIR &
#   TIERGATE_DATA_DIR=DIR sh examples/drill/drill.sh
set -eu
umask 077

here=$(dirname "$0")
tiergate=${TIERGATE:-tiergate}
config=${TIERGATE_CONFIG:-$here/tiergate.toml}
data=${TIERGATE_DATA_DIR:?name the data directory of the running gateway}
url=${TIERGATE_URL:-http://127.0.0.1:4000}
asks=${DRILL_ASKS:-2}

work=$(mktemp -d)
made=
steady=

run() { "$tiergate" "$@" --config "$config" --data-dir "$data"; }

clean() {
    code=$?
    touch "$work/stop"
    for process in $steady; do wait "$process" || true; done
    for key in $made; do run key revoke "$key" >/dev/null 2>&1 || true; done
    rm -rf "$work"
    exit "$code"
}
trap clean EXIT
trap 'exit 2' INT TERM

# Makes a key: NAME FLAGS…. The key stays in a file, away from every command line.
key() {
    name=$1
    shift
    shown=$(run key create --json --name "drill-$name" "$@")
    made="$made $(printf '%s' "$shown" | sed -n 's/.*"id": *"\([^"]*\)".*/\1/p')"
    printf '%s' "$shown" | sed -n 's/.*"key": *"\([^"]*\)".*/\1/p' | tr -d '\n' >"$work/$name"
    { printf 'authorization: Bearer '; cat "$work/$name"; } >"$work/$name.header"
}

as() {
    person=$1
    shift
    run "$@" --operator-key "$work/$person" >/dev/null
}

open_stage() {
    as security release approve "$1"
    as platform release promote "$1"
}

both() {
    verb=$1
    shift
    for release in gated general; do as platform release "$verb" "$release" "$@"; done
}

tier_of() {
    case $1 in vetted-*) echo capybara ;; *) echo opus ;; esac
}

# Asks once as a caller, and tells which model answered; a name that leads nowhere is `nobody`.
ask() {
    body='{"model":"'$(tier_of "$1")'","max_tokens":2,"messages":[{"role":"user","content":"Hello."}]}'
    head=$(curl -s -o /dev/null -D - -H "@$work/$1.header" -H 'content-type: application/json' \
        -d "$body" "$url/v1/chat/completions" | tr -d '\r')
    model=$(printf '%s\n' "$head" | sed -n 's/^tiergate-model: *//p')
    status=$(printf '%s\n' "$head" | sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p')
    case $status in
    200) echo "$model" ;;
    404) echo nobody ;;
    *) echo "status-${status:-none}" ;;
    esac
}

# Tells a line of the table, and stops where the answers are not those expected.
tell() {
    printf '%-12s %-10s %-9s %-17s %s of %s\n' "$1" "$2" "$(tier_of "$2")" "$3" "$4" "$5"
    [ "$4" -eq "$5" ] || {
        echo "drill: after \"$1\" $2 got another model than $3: $6" >&2
        exit 1
    }
}

# Counts the answers after a step: STEP CALLER=MODEL….
answers() {
    step=$1
    shift
    for expected in "$@"; do
        caller=${expected%%=*}
        model=${expected#*=}
        count=0
        right=0
        other=
        while [ "$count" -lt "$asks" ]; do
            got=$(ask "$caller")
            count=$((count + 1))
            if [ "$got" = "$model" ]; then right=$((right + 1)); else other=$got; fi
        done
        tell "$step" "$caller" "$model" "$right" "$count" "$other"
    done
}

# Lets a caller ask without a pause, beside the steps, until it is told to stop.
begin_asking() {
    (while [ ! -e "$work/stop" ]; do ask "$1"; done) >"$work/$1.answers" &
    steady="$steady $!"
}

# Ends that, and counts what those got whom no order was about: CALLER=MODEL….
end_asking() {
    touch "$work/stop"
    for process in $steady; do wait "$process"; done
    steady=
    for expected in "$@"; do
        file=$work/${expected%%=*}.answers
        model=${expected#*=}
        count=$(grep -c . "$file" || true)
        right=$(grep -cx "$model" "$file" || true)
        other=$(grep -vx "$model" "$file" | head -n 1)
        tell meanwhile "${expected%%=*}" "$model" "$right" "$count" "$other"
    done
    rm "$work/stop"
}

key platform --kind operator --person platform-lead
key security --kind operator --person security-lead
for region in us eu; do
    key "vetted-$region" --use-case defence --attribute programme=vetted --attribute "region=$region"
    key "public-$region" --use-case work --attribute "region=$region"
done

printf '%-12s %-10s %-9s %-17s %s\n' AFTER CALLER TIER MODEL ANSWERS
answers sealed vetted-us=nobody vetted-eu=nobody public-us=everyday public-eu=everyday

open_stage gated
answers preview vetted-us=frontier-gated vetted-eu=frontier-gated \
    public-us=everyday public-eu=everyday

open_stage general
answers general vetted-us=frontier-gated vetted-eu=frontier-gated \
    public-us=frontier-general public-eu=frontier-general

begin_asking vetted-us
begin_asking public-us
both suspend --attribute region=eu --order DRILL-1 --reason "an order for one region"
answers order-eu vetted-us=frontier-gated vetted-eu=everyday \
    public-us=frontier-general public-eu=everyday
end_asking vetted-us=frontier-gated public-us=frontier-general

both restore --reason "the order for one region is lifted"
answers lifted-eu vetted-us=frontier-gated vetted-eu=frontier-gated \
    public-us=frontier-general public-eu=frontier-general

both suspend --everybody --order DRILL-2 --reason "an order for everybody"
answers order-all vetted-us=everyday vetted-eu=everyday public-us=everyday public-eu=everyday

both restore --attribute region=us --reason "one region has it back"
answers back-us vetted-us=frontier-gated vetted-eu=everyday \
    public-us=frontier-general public-eu=everyday

both restore --reason "the order is lifted"
answers lifted-all vetted-us=frontier-gated vetted-eu=frontier-gated \
    public-us=frontier-general public-eu=frontier-general

both rollback --reason "the drill is over"
answers closed vetted-us=nobody vetted-eu=nobody public-us=everyday public-eu=everyday

run ledger verify
echo "drill: only those lost a model whom an order was about"
