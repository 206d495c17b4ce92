/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The registers, and what is on both sides of transmitter and receiver. */
#include "devices/net/rtl8139_internal.h"

#include <stddef.h>

#include "lib/log.h"
#include "lib/string.h"

static const struct pci_register configuration[] = {
    { PCI_VENDOR_ID,       4, .reset = 0x813910ec },
    { PCI_COMMAND,         2, .writable = 0x0147 },
    { PCI_STATUS,          2, .reset = 0x0280, .clear = 0xf900 },
    { PCI_REVISION_ID,     1, .reset = 0x20 },
    { PCI_CLASS_CODE,      3, .reset = 0x020000 },      /* Ethernet controller */
    { PCI_CACHE_LINE_SIZE, 1, .writable = 0xff },
    { PCI_LATENCY_TIMER,   1, .writable = 0xff },
    { PCI_BASE_ADDRESS(0), 4, .reset = PCI_BASE_IO, .writable = ~(RTL8139_WINDOW - 1) },
    { PCI_BASE_ADDRESS(1), 4, .writable = ~(RTL8139_WINDOW - 1) },
    { PCI_SUBSYSTEM_ID,    4, .reset = 0x813910ec },
    { PCI_INTERRUPT_LINE,  1, .writable = 0xff },
    { PCI_INTERRUPT_PIN,   1, .reset = 1 },
    { PCI_MIN_GNT,         1, .reset = 0x20 },
    { PCI_MAX_LAT,         1, .reset = 0x40 },
    { PCI_ROM_ADDRESS,     4, .writable = ~(NIC_ROM_BYTES - 1) | PCI_ROM_ENABLE },  /* last: not on every card */
};

/* --- the register file ------------------------------------------------------------------------------------- */

#define LOCKED 0x01                         /* written with EEM_CONFIG only */
#define KEPT   0x02                         /* a software reset leaves it as it is */

/* writable: bits that keep what is written; clear: bits that writing a 1 clears.  In ascending order.  What is not
 * here ignores writes, and reads as zero or what the chip puts there. */
struct rtl8139_register {
    uint8_t offset, size, flags;
    uint32_t reset, writable, clear;
};

#define ALL    0xffffffffu
#define WAKEUP(i) { RTL_WAKEUP + 4 * (i), 4, KEPT, .writable = ALL }

static const struct rtl8139_register map[] = {
    { RTL_IDR0,      4, LOCKED | KEPT, .writable = ALL },
    { RTL_IDR4,      4, LOCKED | KEPT, .writable = 0xffff },
    { RTL_MAR0,      4, KEPT, .writable = ALL },
    { RTL_MAR4,      4, KEPT, .writable = ALL },
    { RTL_TSD0,      4, 0, .reset = TSD_OWN, .writable = TSD_SIZE | TSD_OWN | TSD_ERTXTH },
    { RTL_TSD0 + 4,  4, 0, .reset = TSD_OWN, .writable = TSD_SIZE | TSD_OWN | TSD_ERTXTH },
    { RTL_TSD0 + 8,  4, 0, .reset = TSD_OWN, .writable = TSD_SIZE | TSD_OWN | TSD_ERTXTH },
    { RTL_TSD0 + 12, 4, 0, .reset = TSD_OWN, .writable = TSD_SIZE | TSD_OWN | TSD_ERTXTH },
    { RTL_TSAD0,     4, 0, .writable = ALL },
    { RTL_TSAD0 + 4, 4, 0, .writable = ALL },
    { RTL_TSAD0 + 8, 4, 0, .writable = ALL },
    { RTL_TSAD0 + 12, 4, 0, .writable = ALL },
    { RTL_RBSTART,   4, 0, .writable = ALL },
    { RTL_CR,        1, 0, .writable = CR_TE | CR_RE },
    { RTL_CAPR,      2, 0, .reset = 0xfff0, .writable = 0xffff },
    { RTL_IMR,       2, 0, .writable = INT_ALL },
    { RTL_ISR,       2, 0, .clear = INT_ALL },
    { RTL_TCR,       4, 0, .reset = TCR_HWVERID, .writable = TCR_WRITABLE },
    { RTL_RCR,       4, 0, .writable = RCR_WRITABLE },
    { RTL_TCTR,      4, 0, .reset = 0 },
    { RTL_MPC,       4, 0, .reset = 0 },
    { RTL_9346CR,    1, 0, .writable = EEM | EECS | EESK | EEDI },
    { RTL_CONFIG1,   1, LOCKED | KEPT, .reset = 0x0c, .writable = 0xf3 },
    { RTL_TIMERINT,  4, 0, .writable = ALL },
    { RTL_MSR,       1, KEPT, .reset = MSR_AUX, .writable = 0xc0 },
    { RTL_CONFIG3,   1, LOCKED | KEPT, .reset = 0x01, .writable = 0x70 },
    { RTL_CONFIG4,   1, LOCKED | KEPT, .writable = 0xf5 },
    { RTL_MULINT,    2, 0, .writable = 0x0fff },
    { RTL_RERID,     1, 0, .reset = 0x20 },
    { RTL_BMCR,      2, KEPT, .reset = BMCR_ANE, .writable = BMCR_SPEED | BMCR_ANE | BMCR_DUPLEX },
    { RTL_ANAR,      2, KEPT, .reset = AN_ALL_MODES, .writable = 0x25ff },
    { RTL_NWAYTR,    2, KEPT, .writable = 0x00ff },
    { RTL_CSCR,      2, KEPT, .reset = CSCR_RESET, .writable = 0x83e5 },
    { RTL_PHY1,      4, KEPT, .reset = 0x78fa8388, .writable = ALL },
    { RTL_TWISTER,   4, KEPT, .reset = 0xcb38de43, .writable = ALL },
    { RTL_PHY2,      1, KEPT, .writable = 0xff },
    WAKEUP(0), WAKEUP(1), WAKEUP(2), WAKEUP(3), WAKEUP(4), WAKEUP(5), WAKEUP(6), WAKEUP(7), WAKEUP(8), WAKEUP(9),
    WAKEUP(10), WAKEUP(11), WAKEUP(12), WAKEUP(13), WAKEUP(14), WAKEUP(15), WAKEUP(16), WAKEUP(17), WAKEUP(18),
    WAKEUP(19),
    { RTL_CONFIG5,   1, KEPT, .writable = 0x7f },
    { RTL_TPPOLL,    1, 0, .reset = 0 },
    { RTL_CPCR,      2, 0, .writable = CPCR_WRITABLE },
    { RTL_RDSAR,     4, 0, .writable = ALL },
    { RTL_RDSAR + 4, 4, 0, .writable = ALL },
    { RTL_ETTHR,     1, 0, .writable = 0x3f },
};
#define MAP_LENGTH (sizeof(map) / sizeof(map[0]))

uint32_t rtl_get(const struct rtl8139 *chip, uint32_t offset, unsigned int size)
{
    uint32_t value = 0;

    for (unsigned int i = 0; i < size && offset + i < RTL_REGISTERS; i++)
        value |= (uint32_t)chip->regs.file[offset + i] << 8 * i;
    return value;
}

void rtl_set(struct rtl8139 *chip, uint32_t offset, unsigned int size, uint32_t value)
{
    for (unsigned int i = 0; i < size; i++)
        chip->regs.file[offset + i] = (uint8_t)(value >> 8 * i);
}

uint64_t rtl_address(const struct rtl8139 *chip, uint32_t offset, uint32_t alignment)
{
    return (uint64_t)rtl_get(chip, offset + 4, 4) << 32 | (rtl_get(chip, offset, 4) & ~(alignment - 1));
}

/* --- interrupts, memory ------------------------------------------------------------------------------------ */

void rtl_cause(struct rtl8139 *chip, uint16_t cause)
{
    rtl_set(chip, RTL_ISR, 2, rtl_get(chip, RTL_ISR, 2) | cause);
}

void rtl8139_update_irq(struct rtl8139 *chip)
{
    irq_line_set(chip->wiring.irq, rtl_get(chip, RTL_ISR, 2) & rtl_get(chip, RTL_IMR, 2));
}

void rtl_bus_error(struct rtl8139 *chip, uint64_t address)
{
    log_limited(LOG_INFO, "rtl8139: no memory at %x:%08x", (unsigned int)(address >> 32), (unsigned int)address);
    rtl_cause(chip, INT_SERR);
    chip->card.function.registers.config[PCI_STATUS + 1] |= 0x20;   /* received master abort */
}

bool rtl_read_memory(struct rtl8139 *chip, uint64_t address, void *bytes, uint32_t length)
{
    struct guest_memory *memory = chip->wiring.memory;

    if (chip->mastering && memory->read(memory, address, bytes, length))
        return true;
    rtl_bus_error(chip, address);
    return false;
}

bool rtl_write_memory(struct rtl8139 *chip, uint64_t address, const void *bytes, uint32_t length)
{
    struct guest_memory *memory = chip->wiring.memory;

    if (chip->mastering && memory->write(memory, address, bytes, length))
        return true;
    rtl_bus_error(chip, address);
    return false;
}

/* --- timer ------------------------------------------------------------------------------------------------- */

#define TICK_RECIPROCAL 2290649225u         /* 2^36 / 30 ns, of 33 MHz */

/* Since TCTR was 0. */
static uint64_t timer_ticks(struct rtl8139 *chip)
{
    struct clock *clock = chip->wiring.clock;
    uint64_t now = clock ? clock->now_ns(clock) : 0, ns;

    if (now < chip->regs.timer_start_ns) {  /* another clock, after a restore */
        chip->regs.timer_start_ns = now;
        chip->regs.timer_looked = 0;
    }
    ns = now - chip->regs.timer_start_ns;
    return ((ns >> 32) * TICK_RECIPROCAL + ((ns & 0xffffffff) * TICK_RECIPROCAL >> 32)) >> 4;
}

/* Ticks until TCTR is TimerInt the next time, from where it was looked at last. */
static uint64_t timer_distance(const struct rtl8139 *chip)
{
    uint32_t distance = rtl_get(chip, RTL_TIMERINT, 4) - (uint32_t)chip->regs.timer_looked;

    return distance ? distance : 1ull << 32;
}

static void look_at_timer(struct rtl8139 *chip)
{
    uint64_t ticks;

    if (!rtl_get(chip, RTL_TIMERINT, 4))
        return;
    ticks = timer_ticks(chip);
    if (ticks >= chip->regs.timer_looked && ticks - chip->regs.timer_looked >= timer_distance(chip))
        rtl_cause(chip, INT_TIMEOUT);
    chip->regs.timer_looked = ticks;
}

/* The first time round only: later ones are no countdown that anybody has begun. */
void rtl8139_end_countdown(struct rtl8139 *chip)
{
    uint32_t end = rtl_get(chip, RTL_TIMERINT, 4);

    look_at_timer(chip);
    if (end && (rtl_get(chip, RTL_IMR, 2) & INT_TIMEOUT) && chip->regs.timer_looked < end)
        rtl_cause(chip, INT_TIMEOUT);
}

static void restart_timer(struct rtl8139 *chip)
{
    struct clock *clock = chip->wiring.clock;

    chip->regs.timer_start_ns = clock ? clock->now_ns(clock) : 0;
    chip->regs.timer_looked = 0;
}

/* --- link -------------------------------------------------------------------------------------------------- */

/* What the PHY's registers say follows from the backend's link and BMCR. */
static void update_link(struct rtl8139 *chip)
{
    uint32_t bmcr = rtl_get(chip, RTL_BMCR, 2);
    bool up = chip->wiring.backend->info.up, negotiated = up && (bmcr & BMCR_ANE);
    bool slow = !(bmcr & (BMCR_ANE | BMCR_SPEED));
    uint32_t msr = rtl_get(chip, RTL_MSR, 1) & ~(MSR_LINKB | MSR_SPEED_10);
    uint32_t cscr = rtl_get(chip, RTL_CSCR, 2) & ~CSCR_CONNECTED;

    rtl_set(chip, RTL_BMSR, 2, BMSR_MODES | (negotiated ? BMSR_COMPLETE : 0) | (up ? BMSR_LINK : 0));
    rtl_set(chip, RTL_ANLPAR, 2, negotiated ? AN_ALL_MODES | AN_ACKNOWLEDGE : 0);
    rtl_set(chip, RTL_ANER, 2, negotiated ? ANER_PARTNER : 0);
    rtl_set(chip, RTL_MSR, 1, msr | (up ? 0 : MSR_LINKB) | (slow ? MSR_SPEED_10 : 0));
    rtl_set(chip, RTL_CSCR, 2, cscr | (up ? CSCR_CONNECTED : 0));
}

static void link_changed(struct net_listener *listener)
{
    struct rtl8139 *chip = (struct rtl8139 *)((char *)listener - offsetof(struct rtl8139, listener));

    update_link(chip);
    rtl_cause(chip, INT_PUN);
    rtl8139_update_irq(chip);
}

static void write_bmcr(struct rtl8139 *chip, uint32_t written)
{
    if (written & BMCR_RESET) {
        rtl_set(chip, RTL_BMCR, 2, BMCR_ANE);
        rtl_set(chip, RTL_ANAR, 2, AN_ALL_MODES);
    }
    update_link(chip);
}

/* --- reset ------------------------------------------------------------------------------------------------- */

static void load_address(struct rtl8139 *chip)
{
    const uint16_t *words = &chip->eeprom.words[7];

    rtl_set(chip, RTL_IDR0, 4, words[0] | (uint32_t)words[1] << 16);
    rtl_set(chip, RTL_IDR4, 2, words[2]);
}

static void reset_registers(struct rtl8139 *chip, bool all)
{
    struct rtl8139_registers before = chip->regs;

    chip->regs = (struct rtl8139_registers){ 0 };
    for (unsigned int i = 0; i < MAP_LENGTH; i++) {
        if (all || !(map[i].flags & KEPT))
            rtl_set(chip, map[i].offset, map[i].size, map[i].reset);
        else
            memcpy(&chip->regs.file[map[i].offset], &before.file[map[i].offset], map[i].size);
    }
    restart_timer(chip);
}

static void reset(struct rtl8139 *chip, bool all)
{
    bool held = chip->regs.held;

    rtl8139_stop_transmitter(chip);
    reset_registers(chip, all);
    if (all)
        load_address(chip);
    update_link(chip);
    rtl8139_update_irq(chip);
    if (held)
        chip->wiring.backend->ops->ready(chip->wiring.backend);
}

/* --- writes that do something ------------------------------------------------------------------------------ */

static void restart_ring(struct rtl8139 *chip, enum rtl8139_source source)
{
    rtl8139_stop_transmitter(chip);
    chip->regs.rings[source] = (struct rtl8139_ring){ 0 };
}

static void write_cr(struct rtl8139 *chip, uint32_t old, uint32_t written)
{
    uint32_t now = rtl_get(chip, RTL_CR, 1), begun = now & ~old;

    if (written & CR_RST) {
        reset(chip, false);
        return;
    }
    if (begun & CR_RE)
        rtl8139_reset_receiver(chip);
    if ((now ^ old) & CR_TE) {
        rtl8139_stop_transmitter(chip);
        chip->regs.next_tsd = 0;
        for (unsigned int i = 0; i < 4 && !chip->regs.cplus; i++)
            rtl_set(chip, RTL_TSD0 + 4 * i, 4, rtl_get(chip, RTL_TSD0 + 4 * i, 4) | TSD_OWN);
        for (unsigned int i = 0; i < RTL8139_SOURCES; i++)
            chip->regs.rings[i] = (struct rtl8139_ring){ 0 };
    }
}

static void dump_tally(struct rtl8139 *chip)
{
    uint32_t command = rtl_get(chip, RTL_DTCCR, 4);
    uint64_t address = (uint64_t)rtl_get(chip, RTL_DTCCR + 4, 4) << 32 | (command & DTCCR_ADDRESS);

    if (!(command & DTCCR_CMD))
        return;
    rtl_write_memory(chip, address, &chip->regs.tally, sizeof(chip->regs.tally));
    rtl_set(chip, RTL_DTCCR, 4, command & ~DTCCR_CMD);
}

static void write_tsd(struct rtl8139 *chip, uint32_t offset)
{
    if (!chip->regs.cplus)
        rtl_set(chip, offset, 4, rtl_get(chip, offset, 4) & ~TSD_STATUS);
    else if (offset == RTL_DTCCR)
        dump_tally(chip);
}

static void write_9346cr(struct rtl8139 *chip, uint32_t value)
{
    bool wired = (value & EEM) == EEM_PROGRAM;

    eeprom93c46_set(&chip->eeprom, wired && (value & EECS), wired && (value & EESK), value & EEDI);
    if ((value & EEM) == EEM_AUTO_LOAD)
        reset(chip, true);
}

static void write_tppoll(struct rtl8139 *chip, uint32_t written)
{
    if (written & TPPOLL_FSWINT)
        rtl_cause(chip, INT_SWINT);
    if (written & TPPOLL_HPQ)
        chip->regs.rings[RTL8139_HIGH].polled = true;
    if (written & TPPOLL_NPQ)
        chip->regs.rings[RTL8139_NORMAL].polled = true;
}

static void write_cpcr(struct rtl8139 *chip, uint32_t old)
{
    uint32_t changed = rtl_get(chip, RTL_CPCR, 2) ^ old;

    chip->regs.cplus = true;
    if (changed & CPCR_CPTX) {
        restart_ring(chip, RTL8139_NORMAL);
        restart_ring(chip, RTL8139_HIGH);
    }
    if (changed & CPCR_CPRX)
        rtl8139_reset_receiver(chip);
}

/* A register has been written: `written` are the bits that were 1. */
static void act(struct rtl8139 *chip, uint32_t offset, uint32_t old, uint32_t written)
{
    switch (offset) {
    case RTL_TSD0: case RTL_TSD0 + 4: case RTL_TSD0 + 8: case RTL_TSD0 + 12:
        write_tsd(chip, offset);
        break;
    case RTL_TNPDS: case RTL_TNPDS + 4:
        if (chip->regs.cplus)
            restart_ring(chip, RTL8139_NORMAL);
        break;
    case RTL_THPDS: case RTL_THPDS + 4:
        if (chip->regs.cplus)
            restart_ring(chip, RTL8139_HIGH);
        break;
    case RTL_CR:
        write_cr(chip, old, written);
        break;
    case RTL_RCR:
        if ((rtl_get(chip, RTL_RCR, 4) ^ old) & RCR_RBLEN)
            rtl8139_reset_receiver(chip);
        break;
    case RTL_TCTR:
        restart_timer(chip);
        break;
    case RTL_TIMERINT:
        chip->regs.timer_looked = timer_ticks(chip);
        break;
    case RTL_MPC:
        rtl_set(chip, RTL_MPC, 4, 0);
        break;
    case RTL_9346CR:
        write_9346cr(chip, rtl_get(chip, RTL_9346CR, 1));
        break;
    case RTL_BMCR:
        write_bmcr(chip, written);
        break;
    case RTL_TPPOLL:
        write_tppoll(chip, written);
        break;
    case RTL_CPCR:
        write_cpcr(chip, old);
        break;
    case RTL_RDSAR: case RTL_RDSAR + 4:
        chip->regs.next_rx = 0;
        break;
    }
}

/* --- accesses ---------------------------------------------------------------------------------------------- */

/* Bits of a register that a write reaches now. */
static uint32_t writable(const struct rtl8139 *chip, const struct rtl8139_register *reg)
{
    bool unlocked = (rtl_get(chip, RTL_9346CR, 1) & EEM) == EEM_CONFIG;
    unsigned int descriptor = (reg->offset - RTL_TSD0) / 4u;

    if ((reg->flags & LOCKED) && !unlocked)
        return 0;
    if (reg->offset == RTL_BMCR && !unlocked)
        return 0;
    if (reg->offset < RTL_TSD0 || reg->offset >= RTL_TSAD0)
        return reg->writable;
    if (chip->regs.cplus)
        return ALL;
    return chip->regs.tsd_in_flight & 1u << descriptor ? 0 : reg->writable;
}

/* `value` and `mask` are the access's, where the register is. */
static void write_register(struct rtl8139 *chip, const struct rtl8139_register *reg, uint32_t value, uint32_t mask)
{
    uint32_t old = rtl_get(chip, reg->offset, reg->size), keep = writable(chip, reg) & mask;

    value &= mask;
    if (reg->size < 4)
        value &= (1u << 8 * reg->size) - 1;
    rtl_set(chip, reg->offset, reg->size, ((old & ~keep) | (value & keep)) & ~(value & reg->clear));
    act(chip, reg->offset, old, value);
}

static uint32_t shifted(uint32_t value, int bytes)
{
    return bytes >= 0 ? value >> 8 * bytes : value << -8 * bytes;
}

static void rtl8139_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct rtl8139 *chip = dev;
    uint32_t mask = size == 4 ? ALL : (1u << 8 * size) - 1;

    look_at_timer(chip);
    for (unsigned int i = 0; i < MAP_LENGTH && map[i].offset < offset + size; i++) {
        int before = map[i].offset - (int)offset;

        if (map[i].offset + map[i].size > offset)
            write_register(chip, &map[i], shifted(value, before), shifted(mask, before));
    }
    rtl8139_transmit(chip);
    rtl8139_resume_receiver(chip);
    rtl8139_update_irq(chip);
}

/* For each descriptor TOK, TUN, TABT and OWN. */
static uint32_t all_descriptors(const struct rtl8139 *chip)
{
    uint32_t summary = 0;

    for (unsigned int i = 0; i < 4; i++) {
        uint32_t tsd = rtl_get(chip, RTL_TSD0 + 4 * i, 4);

        summary |= (uint32_t)(tsd & TSD_TOK ? 1 : 0) << (12 + i) | (uint32_t)(tsd & TSD_TUN ? 1 : 0) << (8 + i) |
                   (uint32_t)(tsd & TSD_TABT ? 1 : 0) << (4 + i) | (uint32_t)(tsd & TSD_OWN ? 1 : 0) << i;
    }
    return summary;
}

/* What is only made up when somebody looks. */
static void refresh(struct rtl8139 *chip, uint32_t first, uint32_t end)
{
    if (first <= RTL_CR && end > RTL_CR)
        rtl_set(chip, RTL_CR, 1, (rtl_get(chip, RTL_CR, 1) & ~CR_BUFE) | (rtl8139_buffer_empty(chip) ? CR_BUFE : 0));
    if (first < RTL_TCTR + 4 && end > RTL_TCTR)
        rtl_set(chip, RTL_TCTR, 4, (uint32_t)timer_ticks(chip));
    if (first <= RTL_9346CR && end > RTL_9346CR)
        rtl_set(chip, RTL_9346CR, 1, (rtl_get(chip, RTL_9346CR, 1) & ~EEDO) |
                                         (eeprom93c46_out(&chip->eeprom) ? EEDO : 0));
    if (first < RTL_TSAD + 2 && end > RTL_TSAD)
        rtl_set(chip, RTL_TSAD, 2, all_descriptors(chip));
}

static uint32_t rtl8139_read(void *dev, uint32_t offset, unsigned int size)
{
    struct rtl8139 *chip = dev;

    look_at_timer(chip);
    rtl8139_resume_receiver(chip);
    rtl8139_update_irq(chip);
    refresh(chip, offset, offset + size);
    return rtl_get(chip, offset, size);
}

/* No access has to look for room for a frame, or at the timer. */
static bool rests(const struct rtl8139 *chip)
{
    return !chip->regs.held && !rtl_get(chip, RTL_TIMERINT, 4);
}

/* IMR or ISR: what Linux' 8139cp asks and says around every interrupt (cp_interrupt(), cp_rx_poll()). */
static bool peek(void *dev, uint32_t offset, uint32_t *value)
{
    *value = rtl_get(dev, offset, 2);
    return rests(dev);
}

/* The mask shows when a cause comes, unless there is one. */
static bool post_imr(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    (void)offset;
    *mask = *match = 0;
    return rests(dev) && !rtl_get(dev, RTL_ISR, 2);
}

/* Zeroes clear nothing.  Ones cannot wait: they would clear a cause that comes after them, while another processor has
 * the firmware, and the frame that it is for would lie there unseen. */
static bool post_isr(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    (void)offset;
    *mask = 0xff;
    *match = 0;
    return rests(dev) && rtl_get(dev, RTL_ISR, 2) <= 0xff;
}

static const struct io_shadow shadows[] = { { RTL_IMR, 2, peek, post_imr }, { RTL_ISR, 2, peek, post_isr } };

const struct io_ops rtl8139_ops = {
    .read = rtl8139_read, .write = rtl8139_write, .sizes = IO_BYTE | IO_WORD | IO_DWORD,
    .shadows = shadows, .shadow_count = sizeof(shadows) / sizeof(shadows[0]),
};
/* Without shadows: a write that waits for the one window's register would not be seen through the other. */
const struct io_ops rtl8139_port_ops = {
    .read = rtl8139_read, .write = rtl8139_write, .sizes = IO_BYTE | IO_WORD | IO_DWORD,
};

/* --- backend, bus, start ----------------------------------------------------------------------------------- */

/* A frame that comes while nobody may write memory is missed. */
static bool receive(struct net_listener *listener, const struct net_frame *frame)
{
    struct rtl8139 *chip = (struct rtl8139 *)((char *)listener - offsetof(struct rtl8139, listener));

    if (!(rtl_get(chip, RTL_CR, 1) & CR_RE) || rtl8139_loops(chip))
        return true;
    if (!chip->mastering) {
        rtl_set(chip, RTL_MPC, 3, rtl_get(chip, RTL_MPC, 3) + 1);
        chip->regs.tally.missed++;
        return true;
    }
    chip->regs.held = !rtl8139_receive(chip, frame);
    return !chip->regs.held;
}

static void pushed(struct net_listener *listener)
{
    struct rtl8139 *chip = (struct rtl8139 *)((char *)listener - offsetof(struct rtl8139, listener));

    look_at_timer(chip);
    rtl8139_update_irq(chip);
}

static void allow_master(struct bus_master *master, bool allowed)
{
    struct rtl8139 *chip = (struct rtl8139 *)((char *)master - offsetof(struct rtl8139, master));

    if (!allowed)
        rtl8139_stop_transmitter(chip);
    chip->mastering = allowed;
    rtl8139_transmit(chip);
    rtl8139_resume_receiver(chip);
    rtl8139_update_irq(chip);
}

/* Words 7 to 9 have the address; the others are those of Realtek's own cards. */
static void fill_eeprom(struct rtl8139 *chip)
{
    static const uint16_t words[] = { 0x8129, 0x10ec, 0x8139, 0x10ec, 0x8139, 0x4020, 0x0110 };
    const uint8_t *address = chip->wiring.backend->info.address;

    memcpy(chip->eeprom.words, words, sizeof(words));
    for (unsigned int i = 0; i < 3; i++)
        chip->eeprom.words[7 + i] = address[2 * i] | (uint16_t)(address[2 * i + 1] << 8);
}

void rtl8139_reset(struct rtl8139 *chip)
{
    pci_card_reset(&chip->card);
    reset(chip, true);
}

void rtl8139_init(struct rtl8139 *chip, uint8_t devfn, const struct nic_wiring *wiring)
{
    struct pci_function *function = &chip->card.function;

    memset(chip, 0, sizeof(*chip));         /* not a compound literal: the compiler may put one on the stack */
    chip->wiring = *wiring;
    chip->listener = (struct net_listener){ receive, link_changed, pushed };
    chip->master.allow = allow_master;
    wiring->backend->listener = &chip->listener;
    pci_card_init(&chip->card, devfn, configuration, sizeof(configuration) / sizeof(configuration[0]) - !wiring->rom,
                  &chip->master);
    function->bars[0].window = wiring->ports;
    function->bars[1].window = wiring->registers;
    function->bars[PCI_BAR_ROM].window = wiring->rom;
    fill_eeprom(chip);
    rtl8139_reset(chip);
}
