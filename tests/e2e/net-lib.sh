# SPDX-License-Identifier: LGPL-3.0-or-later
# Sourced after lib.sh by scenarios with network cards. Card N of a guest is on the bridge xenbrN, where dom0 is 10.0.N.1 and
# the guest 10.0.N.2; dom0's end of `stream` is at port 5000 of each.
DRIVERS="e1000 rtl8139"         # models as in -reflex-nic
driver_of() { case $1 in e1000) echo e1000 ;; rtl8139) echo 8139cp ;; esac; }
mac() { echo 00:16:3e:00:00:0$(($1 + 1)); }
vif() { echo "type=vif,mac=$(mac $1),bridge=xenbr$1"; }
model() { echo "device_model_args=[\"-reflex-nic\",\"$1\"]"; }

# bridges N: xenbr0 to xenbrN, once.
bridges() {
    local n
    for n in $(seq 0 $1); do
        [ ! -e /sys/class/net/xenbr$n ] || continue
        brctl addbr xenbr$n
        ip addr add 10.0.$n.1/24 dev xenbr$n
        ip link set xenbr$n up
    done
    [ -n "$SERVER" ] || { stream serve 5000 >/dev/null 2>&1 & SERVER=$!; }
}

# dom0's interface for card N of the domain, and its address.
backend() { echo vif$(xl domid $domain).$1; }
backend_mac() { cat /sys/class/net/$(backend $1)/address; }

# The guest's interfaces come up with addresses. It names them in the order of their PCI devices.
up() { guest "ip addr add 10.0.$1.2/24 dev eth$1; ip link set eth$1 up"; }
has_carrier() { [ "$(guest "cat /sys/class/net/eth$1/carrier")" = ${2:-1} ]; }
reaches_dom0() { guest "ping -c 3 -w 20 10.0.$1.1"; }
is_reached() { ping -c 3 -w 20 10.0.$1.2; }

# beside COMMAND: in the guest's background. What it printed is in /tmp/beside there.
beside() { guest "rm -f /tmp/beside.done; { ($1) >/tmp/beside 2>&1; echo >/tmp/beside.done; } & true"; }
is_finished() { guest 'cat /tmp/beside.done' >/dev/null; }
