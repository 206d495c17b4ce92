/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* cd-eject DEVICE: has the kernel open the drive's tray, as eject(1) does. */
#include <fcntl.h>
#include <linux/cdrom.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(int argc, char *argv[])
{
    int fd = argc == 2 ? open(argv[1], O_RDONLY | O_NONBLOCK) : -1;

    if (fd < 0 || ioctl(fd, CDROMEJECT)) {
        perror("cd-eject");
        return 1;
    }
    return 0;
}
