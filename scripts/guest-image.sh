# SPDX-License-Identifier: LGPL-3.0-or-later
# Sourced by the scripts that make guests' disks: busybox trees, initramfs images, and disks that GRUB boots; without
# root rights or loop devices. They have `work`, a temporary folder.
GRUB=/usr/lib/grub/i386-pc
GRUB_MODULES="biosdisk part_msdos ext2 serial terminal normal linux echo"
MODULES="ata_piix sd_mod sr_mod xen-blkfront ext4 isofs button evdev"

busybox_tree() {
    mkdir -p "$1"/{bin,dev,proc,sys,tmp,root}
    install -m 755 /bin/busybox "$1/bin/busybox"
}

# install_modules FOLDER VERSION TREE MODULE...: of that Linux, installed below TREE, with what they need; FOLDER/order
# lists the files in the order in which they load.
install_modules() {
    local folder=$1 version=$2 tree=$3 module name
    shift 3
    mkdir -p "$folder"
    for module; do
        modprobe -d "$tree" -S "$version" -D "$module" || die "module $module of Linux $version is missing"
    done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' |
        while read -r module; do
            name=${module##*/}
            case $module in
                *.xz) name=${name%.xz}; xz -dc "$module" >"$folder/$name" ;;
                *) cp "$module" "$folder/$name" ;;
            esac
            echo "$name" >>"$folder/order"
        done
}

# make_initramfs FILE VERSION [TREE]: with the drivers of that Linux, installed below TREE. It mounts hda1 and starts
# what is there; `rdinit=/cd-init` makes it a system of its own.
make_initramfs() {
    local file=$1 version=$2 tree=${3:-/} initramfs=$work/initramfs
    rm -rf "$initramfs"
    busybox_tree "$initramfs"
    install_modules "$initramfs/modules" "$version" "$tree" $MODULES
    install -m 755 scripts/guest/initramfs-init "$initramfs/init"
    install -m 755 scripts/guest/cd-init "$initramfs/cd-init"
    (cd "$initramfs" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) | gzip -9 >"$file"
}

# make_root TREE: a small system that takes an initramfs's disk over.
make_root() {
    local applet
    busybox_tree "$1"
    mkdir -p "$1"/{boot/grub,etc,sbin,mnt}
    for applet in $(busybox --list); do [ -e "$1/bin/$applet" ] || ln -s busybox "$1/bin/$applet"; done
    ln -s ../bin/busybox "$1/sbin/init"
    install -m 644 scripts/guest/inittab scripts/guest/profile "$1/etc"
    install -m 755 scripts/guest/rc "$1/etc/rc"
    install -m 755 scripts/guest/disk scripts/guest/load "$1/bin"
}

little_endian() {
    printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}

# make_disk IMAGE MIB TREE [GRUB_MODULE...]: TREE as ext4 on one partition, which starts at 1 MiB: boot flag, type 83,
# first sector and number of sectors. GRUB's boot.img takes the first sector and loads core.img from the sectors after
# it, where it looks unless told otherwise.
make_disk() {
    local image=$1.part mib=$2 tree=$3
    patch_image() { dd of="$image" bs=1 seek="$1" conv=notrunc status=none; }
    rm -f "$image"
    truncate -s "${mib}M" "$image"
    logged "$OUT/log/${1##*/}.log" "the file system does not fit into the size that ${0##*/} gives it" \
        mke2fs -F -q -t ext4 -L demo -E offset=1048576,root_owner=0:0 -d "$tree" "$image" "$(((mib - 1) * 1024))"
    grub-mkimage -O i386-pc -p '(hd0,msdos1)/boot/grub' -o "$work/core.img" $GRUB_MODULES "${@:4}"
    [ "$(stat -c %s "$work/core.img")" -lt 1048064 ] || die "GRUB's core.img does not fit before the partition"
    head -c 440 "$GRUB/boot.img" | patch_image 0
    printf "\\x80\\0\\0\\0\\x83\\xff\\xff\\xff$(little_endian 2048)$(little_endian $(((mib - 1) * 2048)))" |
        patch_image 446
    printf '\x55\xaa' | patch_image 510
    dd if="$work/core.img" of="$image" bs=512 seek=1 conv=notrunc status=none
    mv "$image" "$1"
}

# make_cd FILE TREE IMAGE: bootable by El Torito, without emulation, by TREE's file IMAGE.
make_cd() {
    logged "$OUT/log/${1##*/}.log" "genisoimage is not what it was" \
        genisoimage -quiet -r -V demo-cd -no-emul-boot -boot-load-size 4 -boot-info-table -b "$3" -o "$1" "$2"
}
