# SPDX-License-Identifier: LGPL-3.0-or-later
# Sourced by every scenario, in dom0's busybox shell: starting domains, talking to their consoles, and saying how it went.
# Every wait is bounded; a scenario's verdicts are lines `PASS what`, `FAIL what: why` and `SKIP what: why`.
SCENARIO=${0##*/}
VERDICTS=/dev/ttyS1             # the host reads this port: dom0's console carries Xen's messages, too, even in mid-line
PATIENCE=${PATIENCE:-300}       # seconds that a guest may take for one answer: emulation is slow, and slower on a busy machine
CONSOLE=/tmp/console            # what the domain of this scenario said, all of it
SAID_BEFORE=0                   # how many bytes of it were there before the last `send`
CALL=0
TTY=serial/0/tty                # where in xenstore, below the domain's home, the name of its console's terminal appears

verdict() { echo "$*" | tee $VERDICTS; }
pass() { verdict "PASS $SCENARIO: $1"; }
skip() { verdict "SKIP $SCENARIO: $1: $2"; }
fail() { verdict "FAIL $SCENARIO: $1: $2"; }

# check WHAT COMMAND...: one verdict from one command.
check() {
    local what=$1
    shift
    if "$@"; then pass "$what"; else fail "$what" "\`$*\` failed"; fi
}

# equal WHAT GOT WANTED
equal() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got '$2', wanted '$3'"; fi; }

# give_up WHAT: the rest of the scenario makes no sense without it.
give_up() {
    fail "$1" "the rest is not tried"
    tail -c 8000 $CONSOLE
    exit 0
}

# Of comparisons, which have no verdicts.
figure() { verdict "   $*"; }
cpu_seconds() { xl list "$1" | sed -n 's/.* \([0-9.]*\)$/\1/p'; }      # that a domain has spent

not() { ! "$@"; }
has() { echo "$1" | grep -q -e "$2"; }
sha() { sha256sum | cut -d' ' -f1; }
uptime_s() { local up _; read -r up _ </proc/uptime; NOW=${up%.*}; }

# eventually SECONDS COMMAND...: true once COMMAND is, false after SECONDS. It looks twice a second: dom0 has other work to do.
eventually() {
    local deadline
    uptime_s
    deadline=$((NOW + $1))
    shift
    while ! "$@" >/dev/null 2>&1; do
        uptime_s
        [ $NOW -lt $deadline ] || return 1
        usleep 500000
    done
}

# --- domains --------------------------------------------------------------------------------------------------------------------
# create NAME [LINE...]: starts a domain from the example's configuration, with LINEs added (`memory=1024`).
create() {
    domain=$1
    shift
    { cat /etc/xen/reflex-example.cfg; printf '%s\n' "name=\"$domain\"" "$@"; } >/tmp/$domain.cfg
    : >$CONSOLE
    xl create -q /tmp/$domain.cfg >/tmp/$domain.out 2>&1 || {
        cat /tmp/$domain.out /var/log/xen/qemu-dm-$domain.log 2>/dev/null
        return 1
    }
    open_console
}

# xl console listens to its user only on a terminal; script makes one.
open_console() {
    local domid
    exec 3>&-
    rm -f /tmp/keyboard
    mkfifo /tmp/keyboard
    SAID_BEFORE=$(stat -c %s $CONSOLE)
    domid=$(xl domid $domain) && eventually 20 xenstore-exists "/local/domain/$domid/$TTY" || return 1
    script -q -f -a -c "xl console $domain" $CONSOLE </tmp/keyboard >/dev/null 2>&1 &
    exec 3>/tmp/keyboard
}

is_gone() { ! xl domid $domain; }
is_another_than() { local domid; domid=$(xl domid $domain) && [ "$domid" != "$1" ]; }

destroy() {
    xl destroy $domain
    exec 3>&-
    eventually 20 is_gone
}

# --- the console ----------------------------------------------------------------------------------------------------------------
said() { tail -c +$((SAID_BEFORE + 1)) $CONSOLE | tr -d '\r'; }
has_said() { tail -c +$((SAID_BEFORE + 1)) $CONSOLE | grep -q -e "$1"; }
send() { SAID_BEFORE=$(stat -c %s $CONSOLE); printf '%s\n' "$1" >&3; }
# key KEYS: types them as they are, in printf's notation: `\\r` is Enter, `\\033[B` the arrow down.
key() { printf "$1" >&3; }

# Of a screen that is drawn piece by piece, with the cursor sent about in between.
has_shown() { said | sed "s/$(printf '\033')\[[0-9;?]*[A-Za-z]//g" | grep -q -e "$1"; }

# choose LAST DOWN: waits for a menu whose last line has LAST, moves DOWN lines down in it, and takes that one.
choose() {
    local down=$2
    eventually $PATIENCE has_shown "$1" || { said | tail -n 15; return 1; }
    while [ $down -gt 0 ]; do
        key '\033[B'
        down=$((down - 1))
    done
    key '\r'
}

# expect PATTERN [SECONDS]: waits until the guest has said it since the last `send` (or since its console was opened).
expect() {
    eventually ${2:-$PATIENCE} has_said "$1" && return
    echo "the guest never said '$1'; its last words:"
    said | tail -n 15
    return 1
}

# guest COMMAND: runs it in the guest's shell and prints what it printed; the status is the command's, or 99 if it never ended.
guest() {
    CALL=$((CALL + 1))
    send "{ $1; } 2>&1; echo \"<\"$CALL:\$?\">\""
    expect "^<$CALL:[0-9]*>" >&2 || return 99
    said | sed -e 1d -e "/^<$CALL:/,\$d"
    return $(said | sed -n "s/^<$CALL:\([0-9]*\)>.*/\1/p")
}

# boot NAME [LINE...]: starts the guest and waits for its shell. The width keeps the echo of a long command on one line.
boot() { create "$@" && shell; }
shell() { expect 'demo:.*# ' 400 && guest 'stty columns 999'; }

# --- disks ----------------------------------------------------------------------------------------------------------------------
# loop_disk FILE MIB: makes FILE that long, sparse, and prints the loop device over it.
loop_disk() {
    truncate -s "$2M" "$1"
    losetup -f
    losetup "$(losetup -f)" "$1"
}

# guests COMMAND...: with the disk of further guests (scripts/make-guests-disk) mounted at $GUESTS meanwhile. No domain
# may have it.
GUESTS=/tmp/guests
guests() {
    local status=0
    mkdir -p $GUESTS
    mount -o ro /dev/vdb1 $GUESTS && { "$@" || status=$?; } && umount $GUESTS
    return $status
}
