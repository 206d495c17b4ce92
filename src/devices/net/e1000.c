/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The register blocks, configuration space, reset and interrupts. */
#include "devices/net/e1000.h"

#include "devices/net/e1000_internal.h"
#include "lib/string.h"

static const struct pci_register map[] = {
    { PCI_VENDOR_ID,       4, .reset = 0x100e8086 },
    { PCI_COMMAND,         2, .writable = 0x0157 },
    { PCI_STATUS,          2, .reset = 0x0220, .clear = 0xf900 },
    { PCI_REVISION_ID,     1, .reset = 0x02 },
    { PCI_CLASS_CODE,      3, .reset = 0x020000 },      /* Ethernet controller */
    { PCI_CACHE_LINE_SIZE, 1, .writable = 0xff },
    { PCI_LATENCY_TIMER,   1, .writable = 0xff },
    { PCI_BASE_ADDRESS(0), 4, .writable = ~(E1000_REGISTERS_LENGTH - 1) },
    { PCI_BASE_ADDRESS(2), 4, .reset = PCI_BASE_IO, .writable = ~(E1000_PORTS_LENGTH - 1) },   /* 1: flash, which is
                                                                                                   not there */
    { PCI_SUBSYSTEM_ID,    4, .reset = 0x001e8086 },    /* PRO/1000 MT Desktop Adapter */
    { PCI_INTERRUPT_LINE,  1, .writable = 0xff },
    { PCI_INTERRUPT_PIN,   1, .reset = 1 },
    { PCI_MIN_GNT,         1, .reset = 0xff },
    { PCI_ROM_ADDRESS,     4, .writable = ~(NIC_ROM_BYTES - 1) | PCI_ROM_ENABLE },  /* last: not on every card */
};

/* What only reads back. */
static const struct plain {
    uint32_t offset, reset, writable;
} plain[PLAIN_COUNT] = {
    [PLAIN_VET]      = { E1000_VET,      0x8100,     0x0000ffff },
    [PLAIN_RXCSUM]   = { E1000_RXCSUM,   0,          0x000007ff },
    [PLAIN_RSRPD]    = { E1000_RSRPD,    0,          0x00000fff },
    [PLAIN_CTRL_EXT] = { E1000_CTRL_EXT, 0,          ~CTRL_EXT_EE_RST },
    [PLAIN_FLA]      = { E1000_FLA,      0,          0x00000030 },
    [PLAIN_FCAL]     = { E1000_FCAL,     0,          0xffffffff },
    [PLAIN_FCAH]     = { E1000_FCAH,     0,          0x0000ffff },
    [PLAIN_FCT]      = { E1000_FCT,      0,          0x0000ffff },
    [PLAIN_ITR]      = { E1000_ITR,      0,          0x0000ffff },
    [PLAIN_FCTTV]    = { E1000_FCTTV,    0,          0x0000ffff },
    [PLAIN_TXCW]     = { E1000_TXCW,     0,          0xc000ffff },
    [PLAIN_TIPG]     = { E1000_TIPG,     0,          0x3fffffff },
    [PLAIN_AIT]      = { E1000_AIT,      0,          0x0000ffff },
    [PLAIN_LEDCTL]   = { E1000_LEDCTL,   0x07068302, 0xcfcfcfcf },
    [PLAIN_PBA]      = { E1000_PBA,      0x00100030, 0x0000ffff },
    [PLAIN_FCRTL]    = { E1000_FCRTL,    0,          0x8000fff8 },
    [PLAIN_FCRTH]    = { E1000_FCRTH,    0,          0x8000fff8 },
    [PLAIN_RDTR]     = { E1000_RDTR,     0,          0x0000ffff },
    [PLAIN_RXDCTL]   = { E1000_RXDCTL,   0x00010000, 0x013f3f3f },
    [PLAIN_RADV]     = { E1000_RADV,     0,          0x0000ffff },
    [PLAIN_TXDMAC]   = { E1000_TXDMAC,   0,          0x00000001 },
    [PLAIN_TIDV]     = { E1000_TIDV,     0,          0x0000ffff },
    [PLAIN_TXDCTL]   = { E1000_TXDCTL,   0,          0xff3f3f3f },
    [PLAIN_TADV]     = { E1000_TADV,     0,          0x0000ffff },
    [PLAIN_TSPMT]    = { E1000_TSPMT,    0x01000400, 0xffffffff },
    [PLAIN_WUC]      = { E1000_WUC,      0,          0x0000000f },
    [PLAIN_WUFC]     = { E1000_WUFC,     0,          0x000f80ff },
    [PLAIN_WUS]      = { E1000_WUS,      0,          0 },
    [PLAIN_IPAV]     = { E1000_IPAV,     0,          0x0001000f },
    [PLAIN_IP4AT]     = { E1000_IP4AT,      0, 0xffffffff },
    [PLAIN_IP4AT + 1] = { E1000_IP4AT + 8,  0, 0xffffffff },
    [PLAIN_IP4AT + 2] = { E1000_IP4AT + 16, 0, 0xffffffff },
    [PLAIN_IP4AT + 3] = { E1000_IP4AT + 24, 0, 0xffffffff },
    [PLAIN_IP6AT]     = { E1000_IP6AT,      0, 0xffffffff },
    [PLAIN_IP6AT + 1] = { E1000_IP6AT + 4,  0, 0xffffffff },
    [PLAIN_IP6AT + 2] = { E1000_IP6AT + 8,  0, 0xffffffff },
    [PLAIN_IP6AT + 3] = { E1000_IP6AT + 12, 0, 0xffffffff },
};

/* Where registers are that the 82542 had elsewhere (13.2: alias offsets). */
static const struct {
    uint32_t alias, length, offset;
} aliases[] = {
    { 0x0040, 0x080, E1000_RAL0 },   { 0x0108, 4, E1000_RDTR },   { 0x0110, 4, E1000_RDBAL },
    { 0x0114, 4, E1000_RDBAH },      { 0x0118, 4, E1000_RDLEN },  { 0x0120, 4, E1000_RDH },
    { 0x0128, 4, E1000_RDT },        { 0x0160, 4, E1000_FCRTH },  { 0x0168, 4, E1000_FCRTL },
    { 0x0200, 0x200, E1000_MTA },    { 0x0420, 4, E1000_TDBAL },  { 0x0424, 4, E1000_TDBAH },
    { 0x0428, 4, E1000_TDLEN },      { 0x0430, 4, E1000_TDH },    { 0x0438, 4, E1000_TDT },
    { 0x0440, 4, E1000_TIDV },       { 0x0600, 0x200, E1000_VFTA },
};

static uint32_t canonical(uint32_t offset)
{
    if (offset >= aliases[0].alias && offset < 0x800)
        for (unsigned int i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
            if (offset - aliases[i].alias < aliases[i].length)
                return aliases[i].offset + (offset - aliases[i].alias);
    return offset;
}

void e1000_update_irq(struct e1000 *chip)
{
    irq_line_set(chip->wiring.irq, chip->r.icr & chip->r.ims);
}

/* --- reset --- */

/* What a reset, or EE_RST, has the chip read from the EEPROM. */
static void load_address(struct e1000 *chip)
{
    const uint16_t *words = &chip->eeprom.words[NVM_ETHERNET_ADDRESS];

    chip->r.ra[0] = words[0] | (uint32_t)words[1] << 16;
    chip->r.ra[1] = RAH_AV | words[2];
}

/* CTRL.RST.  The PHY has a reset of its own.  SLU is not set by the chip but by what has run before; without it a link
 * would be missed by drivers that have never seen one down. */
static void reset_mac(struct e1000 *chip)
{
    e1000_tx_stop(chip);
    chip->r = (struct e1000_registers){ .ctrl = CTRL_FD | CTRL_SPEED_1000 | CTRL_SLU };
    e1000_eecd_write(chip, 0);
    for (unsigned int i = 0; i < PLAIN_COUNT; i++)
        chip->r.plain[i] = plain[i].reset;
    load_address(chip);
    e1000_rx_ready(chip);
    e1000_update_link(chip);
    e1000_update_irq(chip);
}

/* --- registers --- */

/* Arrays: addresses and tables. */
static uint32_t *array_register(struct e1000 *chip, uint32_t offset, uint32_t *writable)
{
    uint32_t i;

    *writable = ~0u;
    switch (offset) {
    case E1000_MTA ... E1000_MTA + 4 * E1000_TABLE - 1:
        return &chip->r.mta[(offset - E1000_MTA) / 4];
    case E1000_VFTA ... E1000_VFTA + 4 * E1000_TABLE - 1:
        return &chip->r.vfta[(offset - E1000_VFTA) / 4];
    case E1000_RAL0 ... E1000_RAL0 + 8 * E1000_ADDRESSES - 1:
        i = (offset - E1000_RAL0) / 4;
        if (i % 2)
            *writable = RAH_WRITABLE;
        return &chip->r.ra[i];
    default:
        return NULL;
    }
}

static uint32_t *stored_register(struct e1000 *chip, uint32_t offset, uint32_t *writable)
{
    for (unsigned int i = 0; i < PLAIN_COUNT; i++) {
        if (plain[i].offset == offset) {
            *writable = plain[i].writable;
            return &chip->r.plain[i];
        }
    }
    return array_register(chip, offset, writable);
}

/* Of RDBAL to RDT, which lie as TDBAL to TDT do. */
static uint32_t *ring_register(struct e1000_ring *ring, uint32_t offset, uint32_t *writable)
{
    *writable = RING_INDEX;
    switch (offset) {
    case E1000_RDBAL: *writable = RING_BASE_LOW; return &ring->base_low;
    case E1000_RDBAH: *writable = ~0u;           return &ring->base_high;
    case E1000_RDLEN: *writable = RING_LENGTH;   return &ring->length;
    case E1000_RDH:   return &ring->head;
    case E1000_RDT:   return &ring->tail;
    default:          return NULL;
    }
}

static uint32_t read_icr(struct e1000 *chip)
{
    uint32_t causes = chip->r.icr;

    chip->r.icr = 0;
    e1000_update_irq(chip);
    return causes;
}

static uint32_t read_stored(struct e1000 *chip, uint32_t offset)
{
    uint32_t writable, *stored = ring_register(&chip->r.rx, offset, &writable);

    if (!stored)
        stored = ring_register(&chip->r.tx, offset - (E1000_TDBAL - E1000_RDBAL), &writable);
    if (!stored)
        stored = stored_register(chip, offset, &writable);
    return stored ? *stored : 0;
}

static uint32_t register_read(void *dev, uint32_t offset, unsigned int size)
{
    struct e1000 *chip = dev;

    (void)size;
    offset = canonical(offset & ~3u);
    switch (offset) {
    case E1000_ICR:      return read_icr(chip);
    case E1000_ICS:      return chip->r.icr;
    case E1000_IMS:      return chip->r.ims;
    case E1000_CTRL:
    case E1000_CTRL_DUP: return chip->r.ctrl;
    case E1000_STATUS:   return e1000_status(chip);
    case E1000_EECD:     return e1000_eecd_read(chip);
    case E1000_EERD:     return chip->r.eerd;
    case E1000_MDIC:     return chip->r.mdic;
    case E1000_RCTL:     return chip->r.rctl;
    case E1000_TCTL:     return chip->r.tctl;
    case E1000_STATISTICS ... E1000_STATISTICS_END - 1:
        return e1000_statistic_read(chip, offset);
    default:
        return read_stored(chip, offset);
    }
}

static void ctrl_write(struct e1000 *chip, uint32_t value)
{
    bool phy_reset = value & ~chip->r.ctrl & CTRL_PHY_RST;

    if (value & CTRL_RST) {
        reset_mac(chip);
        return;
    }
    chip->r.ctrl = value;
    if (phy_reset) {
        e1000_phy_reset(chip);
        if (chip->link)                     /* it went down, and is back */
            e1000_cause(chip, ICR_LSC);
    }
    e1000_update_link(chip);
}

static void rctl_write(struct e1000 *chip, uint32_t value)
{
    chip->r.rctl = value & RCTL_WRITABLE;
    e1000_rx_ready(chip);
}

static void tctl_write(struct e1000 *chip, uint32_t value)
{
    bool stops = chip->r.tctl & ~value & TCTL_EN;

    chip->r.tctl = value & TCTL_WRITABLE;
    if (stops)
        e1000_tx_stop(chip);
    e1000_transmit(chip);
}

/* All but the tail are for a transmitter that stands still: if it does not, it starts anew. */
static void tx_ring_write(struct e1000 *chip, uint32_t *field, uint32_t value)
{
    if (field != &chip->r.tx.tail)
        e1000_tx_stop(chip);
    *field = value;
    if (field != &chip->r.tx.tail)
        chip->r.tx_next = chip->r.tx.head;
    else
        e1000_transmit(chip);
}

static void write_stored(struct e1000 *chip, uint32_t offset, uint32_t value)
{
    uint32_t writable, *stored = ring_register(&chip->r.tx, offset - (E1000_TDBAL - E1000_RDBAL), &writable);

    if (stored) {
        tx_ring_write(chip, stored, value & writable);
        return;
    }
    stored = ring_register(&chip->r.rx, offset, &writable);
    if (stored) {
        *stored = value & writable;
        e1000_rx_ready(chip);
        return;
    }
    stored = stored_register(chip, offset, &writable);
    if (stored)
        *stored = value & writable;
    if (offset == E1000_CTRL_EXT && value & CTRL_EXT_EE_RST)
        load_address(chip);
}

static void set_mask(struct e1000 *chip, uint32_t mask)
{
    chip->r.ims = mask & ICR_CAUSES;
    e1000_update_irq(chip);
}

static void register_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct e1000 *chip = dev;

    (void)size;
    offset = canonical(offset & ~3u);
    switch (offset) {
    case E1000_ICR:
        chip->r.icr &= ~value;
        e1000_update_irq(chip);
        break;
    case E1000_ICS:      e1000_cause(chip, value & ICR_CAUSES); break;
    case E1000_IMS:      set_mask(chip, chip->r.ims | value); break;
    case E1000_IMC:      set_mask(chip, chip->r.ims & ~value); break;
    case E1000_CTRL:
    case E1000_CTRL_DUP: ctrl_write(chip, value); break;
    case E1000_EECD:     e1000_eecd_write(chip, value); break;
    case E1000_EERD:     e1000_eerd_write(chip, value); break;
    case E1000_MDIC:     e1000_mdic_write(chip, value); break;
    case E1000_RCTL:     rctl_write(chip, value); break;
    case E1000_TCTL:     tctl_write(chip, value); break;
    default:             write_stored(chip, offset, value); break;
    }
}

/* What Linux' driver asks and says around every interrupt and every frame (e1000_clean(), e1000_intr()). */
static bool peek_status(void *dev, uint32_t offset, uint32_t *value)
{
    (void)offset;
    *value = e1000_status(dev);
    return true;
}

/* To allow interrupts shows when a cause comes, unless there is one. */
static bool post_ims(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    (void)offset;
    *mask = *match = 0;
    return !((const struct e1000 *)dev)->r.icr;
}

/* To forbid them, unless there is one. */
static bool post_imc(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    const struct e1000 *chip = dev;

    (void)offset;
    *mask = *match = 0;
    return !(chip->r.icr & chip->r.ims);
}

/* New descriptors are for the next frame, unless one waits for them. */
static bool post_rdt(void *dev, uint32_t offset, uint8_t *mask, uint8_t *match)
{
    (void)offset;
    *mask = *match = 0;
    return !((const struct e1000 *)dev)->rx_waiting;
}

static const struct io_shadow shadows[] = {
    { E1000_STATUS, 4, peek_status, NULL }, { E1000_IMS, 4, NULL, post_ims }, { E1000_IMC, 4, NULL, post_imc },
    { E1000_RDT, 4, NULL, post_rdt },
};

const struct io_ops e1000_register_ops = {
    .read = register_read, .write = register_write, .sizes = IO_DWORD,
    .shadows = shadows, .shadow_count = sizeof(shadows) / sizeof(shadows[0]),
};

/* --- registers at ports --- */

static uint32_t port_read(void *dev, uint32_t offset, unsigned int size)
{
    struct e1000 *chip = dev;

    if (offset == E1000_IOADDR)
        return chip->r.ioaddr;
    if (offset == E1000_IODATA && chip->r.ioaddr < E1000_REGISTERS_LENGTH)
        return register_read(chip, chip->r.ioaddr, size);
    return 0;
}

static void port_write(void *dev, uint32_t offset, unsigned int size, uint32_t value)
{
    struct e1000 *chip = dev;

    if (offset == E1000_IOADDR)
        chip->r.ioaddr = value;
    else if (offset == E1000_IODATA && chip->r.ioaddr < E1000_REGISTERS_LENGTH)
        register_write(chip, chip->r.ioaddr, size, value);
}

const struct io_ops e1000_port_ops = { .read = port_read, .write = port_write, .sizes = IO_DWORD };

/* --- the world --- */

static struct e1000 *chip_of(struct net_listener *listener)
{
    return (struct e1000 *)((char *)listener - offsetof(struct e1000, listener));
}

static bool receive(struct net_listener *listener, const struct net_frame *frame)
{
    struct e1000 *chip = chip_of(listener);

    chip->rx_waiting = !e1000_receive(chip, frame);
    return !chip->rx_waiting;
}

static void pushed(struct net_listener *listener)
{
    e1000_received(chip_of(listener));
}

static void link_changed(struct net_listener *listener)
{
    e1000_update_link(chip_of(listener));
}

static void allow_master(struct bus_master *master, bool allowed)
{
    struct e1000 *chip = (struct e1000 *)((char *)master - offsetof(struct e1000, master));

    if (!allowed)
        e1000_tx_stop(chip);
    e1000_rx_ready(chip);
    e1000_transmit(chip);
}

void e1000_reset(struct e1000 *chip)
{
    e1000_tx_stop(chip);
    pci_card_reset(&chip->card);
    e1000_phy_reset(chip);
    reset_mac(chip);
}

void e1000_init(struct e1000 *chip, uint8_t devfn, const struct nic_wiring *wiring)
{
    struct pci_function *function = &chip->card.function;

    memset(chip, 0, sizeof(*chip));
    chip->wiring = *wiring;
    chip->master.allow = allow_master;
    chip->listener = (struct net_listener){ .receive = receive, .link_changed = link_changed, .pushed = pushed };
    pci_card_init(&chip->card, devfn, map, sizeof(map) / sizeof(map[0]) - !wiring->rom, &chip->master);
    function->bars[0].window = wiring->registers;
    function->bars[2].window = wiring->ports;
    function->bars[PCI_BAR_ROM].window = wiring->rom;
    pci_card_reset(&chip->card);
    e1000_nvm_init(chip);
    wiring->backend->listener = &chip->listener;
    e1000_reset(chip);
}
