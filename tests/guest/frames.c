/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Ethernet frames of every size, there and back, each byte checked at both ends:
 *   frames echo INTERFACE              sends back what arrives, until it is killed
 *   frames check INTERFACE ADDRESS     60 to 1514 bytes, and the same with a VLAN tag, to a `frames echo` at ADDRESS
 * It is for a dom0 and its guest: sizes are without FCS, and the interface may move tags out of the frame.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE      0x88b5                /* IEEE 802: for experiments in one's own network */
#define TYPE_VLAN 0x8100
#define SIZES     (ETH_FRAME_LEN - ETH_ZLEN + 1)
#define FRAMES    (2 * SIZES)
#define TAG_BYTES 4
#define WINDOW    32                    /* frames under way */
#define PATIENCE  5                     /* seconds without a frame until those under way count as lost */

/* What follows the type.  Pattern bytes fill the rest of the frame. */
struct label {
    uint32_t number;
    uint16_t size;                      /* of the frame, with its tag */
    uint8_t answer;
    uint8_t tagged;
} __attribute__((packed));

/* A frame as it was on the wire, but for the tag. */
struct frame {
    uint8_t bytes[2048];
    unsigned int length;
    bool tagged;
    uint16_t tag;
};

static struct link {
    int fd;
    uint8_t address[ETH_ALEN];
} wire;

static int fail(const char *what)
{
    perror(what);
    return 1;
}

static int open_link(const char *name)
{
    struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
    struct timeval patience = { .tv_sec = PATIENCE };
    struct ifreq request = { .ifr_ifindex = 0 };
    int on = 1, room = 4 << 20;

    at.sll_ifindex = (int)if_nametoindex(name);
    wire.fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    if (!at.sll_ifindex || wire.fd < 0 || bind(wire.fd, (struct sockaddr *)&at, sizeof(at)) ||
        setsockopt(wire.fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) ||
        setsockopt(wire.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
        ioctl(wire.fd, SIOCGIFHWADDR, &request))
        return fail(name);
    setsockopt(wire.fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
    memcpy(wire.address, request.ifr_hwaddr.sa_data, ETH_ALEN);
    return 0;
}

/* ---- Frames ------------------------------------------------------------------------------------------------- */

static uint8_t pattern(const struct label *label, unsigned int i)
{
    uint32_t value = (label->number * 2 + label->answer + 1) * 2654435761u + i * 40503u;

    return (uint8_t)(value >> 13 ^ value);
}

static unsigned int header_bytes(const struct label *label)
{
    return ETH_HLEN + (label->tagged ? TAG_BYTES : 0);
}

static uint16_t tag_of(const struct label *label)
{
    return (uint16_t)(1 + label->number % 4094);
}

static void put16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static bool send_frame(const uint8_t *to, const struct label *label)
{
    uint8_t bytes[2048];
    unsigned int at = header_bytes(label);

    memcpy(bytes, to, ETH_ALEN);
    memcpy(bytes + ETH_ALEN, wire.address, ETH_ALEN);
    if (label->tagged) {
        put16(bytes + 2 * ETH_ALEN, TYPE_VLAN);
        put16(bytes + 2 * ETH_ALEN + 2, tag_of(label));
    }
    put16(bytes + at - 2, TYPE);
    memcpy(bytes + at, label, sizeof(*label));
    for (unsigned int i = at + sizeof(*label); i < label->size; i++)
        bytes[i] = pattern(label, i);
    while (send(wire.fd, bytes, label->size, 0) != label->size)
        if (errno != ENOBUFS && errno != EINTR)
            return fail("send"), false;
    return true;
}

/* The tag, which the kernel has taken out of the frame. */
static void find_tag(struct msghdr *message, struct frame *frame)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
        const struct tpacket_auxdata *data = (const void *)CMSG_DATA(part);

        if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA)
            continue;
        frame->tagged = data->tp_status & TP_STATUS_VLAN_VALID;
        frame->tag = data->tp_vlan_tci;
    }
}

/* The next of ours; false: none came in time. */
static bool receive_frame(struct frame *frame)
{
    for (;;) {
        struct sockaddr_ll from;
        union { struct cmsghdr header; uint8_t bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))]; } control;
        struct iovec piece = { frame->bytes, sizeof(frame->bytes) };
        struct msghdr message = {
            .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &piece, .msg_iovlen = 1,
            .msg_control = &control, .msg_controllen = sizeof(control),
        };
        ssize_t length = recvmsg(wire.fd, &message, 0);

        if (length < 0 && errno != EINTR)
            return false;
        if (length < (ssize_t)(ETH_HLEN + sizeof(struct label)) || from.sll_pkttype == PACKET_OUTGOING ||
            frame->bytes[12] != TYPE >> 8 || frame->bytes[13] != (TYPE & 0xff))
            continue;
        frame->length = (unsigned int)length;
        frame->tagged = false;
        find_tag(&message, frame);
        return true;
    }
}

/* NULL, or what is wrong with it.  Its label in any case. */
static const char *judge(const struct frame *frame, struct label *label)
{
    unsigned int gone = frame->tagged ? TAG_BYTES : 0;

    memcpy(label, frame->bytes + ETH_HLEN, sizeof(*label));
    if (memcmp(frame->bytes, wire.address, ETH_ALEN))
        return "not for us";
    if (frame->tagged != label->tagged || (frame->tagged && frame->tag != tag_of(label)))
        return "another tag";
    if (frame->length + gone != label->size)
        return "another size";
    for (unsigned int i = header_bytes(label) + sizeof(*label); i < label->size; i++)
        if (frame->bytes[i - gone] != pattern(label, i))
            return "other bytes";
    return NULL;
}

static bool is_right(const struct frame *frame, struct label *label)
{
    const char *wrong = judge(frame, label);

    if (wrong)
        printf("wrong: frame %u, %u bytes%s: %s\n", label->number, label->size, label->tagged ? " with a tag" : "",
               wrong);
    return !wrong;
}

/* ---- Both ends ---------------------------------------------------------------------------------------------- */

static int echo(void)
{
    struct frame frame;
    struct label label;

    for (;;) {
        if (!receive_frame(&frame) || !is_right(&frame, &label) || label.answer)
            continue;
        label.answer = 1;
        if (!send_frame(frame.bytes + ETH_ALEN, &label))
            return 1;
    }
}

static struct label label_of(unsigned int number)
{
    bool tagged = number >= SIZES;

    return (struct label){
        .number = number, .tagged = tagged,
        .size = (uint16_t)(ETH_ZLEN + number % SIZES + (tagged ? TAG_BYTES : 0)),
    };
}

static int check(const uint8_t *to)
{
    static bool back[FRAMES];
    unsigned int sent = 0, returned = 0, wrong = 0, lost = 0;
    struct frame frame;
    struct label label;

    while (returned + wrong + lost < FRAMES) {
        while (sent < FRAMES && sent - returned - wrong - lost < WINDOW) {
            label = label_of(sent++);
            if (!send_frame(to, &label))
                return 1;
        }
        if (!receive_frame(&frame))
            lost = sent - returned - wrong;
        else if (!is_right(&frame, &label) || !label.answer || label.number >= sent || back[label.number])
            wrong++;
        else
            returned += back[label.number] = true;
    }
    printf("%u sizes: %u sent, %u returned, %u wrong, %u lost\n", SIZES, sent, returned, wrong, lost);
    return returned != FRAMES;
}

int main(int argc, char *argv[])
{
    struct ether_addr *to;

    setlinebuf(stdout);
    if (argc == 3 && strcmp(argv[1], "echo") == 0)
        return open_link(argv[2]) || echo();
    if (argc == 4 && strcmp(argv[1], "check") == 0 && (to = ether_aton(argv[3])))
        return open_link(argv[2]) || check(to->ether_addr_octet);
    fputs("usage: frames echo INTERFACE | check INTERFACE ADDRESS\n", stderr);
    return 2;
}
