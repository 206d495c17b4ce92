/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The PHY behind MDIC (317453, 13.4.6), and what it and the MAC make of the link.  The partner at the other end offers
 * all speeds in both duplexes, and pause.
 */
#include "devices/net/e1000_internal.h"

#define SPEED_10   0u
#define SPEED_100  1u
#define SPEED_1000 2u

#define PCTRL_AT_RESET  (PCTRL_AUTONEG | PCTRL_FULL_DUPLEX | PCTRL_SPEED_HIGH)
#define PSTATUS_ABLE    0x7949u             /* 10 and 100, both duplexes, extended status, autonegotiation */
#define LPA_PARTNER     0x45e1u
#define GSTATUS_PARTNER 0x3c00u             /* both receivers fine, 1000 in both duplexes */

struct mode {
    bool possible, full_duplex;
    unsigned int speed;
};

static struct mode negotiated(const struct e1000_phy *phy)
{
    if (phy->gcon & (GCON_FD | GCON_HD))
        return (struct mode){ true, phy->gcon & GCON_FD, SPEED_1000 };
    if (phy->ana & (ANA_100_FD | ANA_100_HD))
        return (struct mode){ true, phy->ana & ANA_100_FD, SPEED_100 };
    return (struct mode){ phy->ana & (ANA_10_FD | ANA_10_HD), phy->ana & ANA_10_FD, SPEED_10 };
}

static struct mode mode_of(const struct e1000_phy *phy)
{
    unsigned int speed = phy->pctrl & PCTRL_SPEED_LOW ? SPEED_100 : SPEED_10;

    if (phy->pctrl & PCTRL_AUTONEG)
        return negotiated(phy);
    if (phy->pctrl & PCTRL_SPEED_HIGH)
        speed = SPEED_1000;
    return (struct mode){ true, phy->pctrl & PCTRL_FULL_DUPLEX, speed };
}

static bool phy_link(const struct e1000 *chip)
{
    const struct e1000_phy *phy = &chip->phy;

    if (phy->pctrl & (PCTRL_POWER_DOWN | PCTRL_ISOLATE))
        return false;
    return phy->pctrl & PCTRL_LOOPBACK || (chip->wiring.backend->info.up && mode_of(phy).possible);
}

/* --- the MAC's view --- */

bool e1000_loopback(const struct e1000 *chip)
{
    return chip->r.rctl & RCTL_LBM || chip->phy.pctrl & PCTRL_LOOPBACK;
}

uint32_t e1000_status(const struct e1000 *chip)
{
    struct mode mode = mode_of(&chip->phy);
    uint32_t ctrl = chip->r.ctrl, speed = mode.speed, status = speed << STATUS_ASDV_SHIFT;
    bool full_duplex = mode.full_duplex;

    if (ctrl & CTRL_FRCSPD)
        speed = (ctrl & CTRL_SPEED) / (CTRL_SPEED & -CTRL_SPEED);
    if (ctrl & CTRL_FRCDPLX)
        full_duplex = ctrl & CTRL_FD;
    status |= speed << STATUS_SPEED_SHIFT;
    if (full_duplex)
        status |= STATUS_FD;
    if (chip->link)
        status |= STATUS_LU;
    return status;
}

/* After anything that can change it. */
void e1000_update_link(struct e1000 *chip)
{
    bool link = phy_link(chip);

    if (!link)
        chip->phy.link_lost = true;
    link = link && chip->r.ctrl & CTRL_SLU;
    if (link == chip->link)
        return;
    chip->link = link;
    e1000_cause(chip, ICR_LSC);
}

/* --- its own registers --- */

void e1000_phy_reset(struct e1000 *chip)
{
    chip->phy = (struct e1000_phy){
        .pctrl = PCTRL_AT_RESET, .ana = 0x0de1, .gcon = GCON_FD | GCON_HD, .pscon = 0x0068, .epscon1 = 0x0d60,
        .led = 0x4100,
    };
}

/* A link that was lost shows once, even if it is back. */
static uint16_t read_pstatus(struct e1000 *chip)
{
    bool link = phy_link(chip);
    uint16_t value = PSTATUS_ABLE;

    if (link && chip->phy.pctrl & PCTRL_AUTONEG)
        value |= PSTATUS_AUTONEG_DONE;
    if (link && !chip->phy.link_lost)
        value |= PSTATUS_LINK;
    chip->phy.link_lost = !link;
    return value;
}

static uint16_t read_psstat(const struct e1000 *chip)
{
    struct mode mode = mode_of(&chip->phy);
    uint16_t value = mode.speed << PSSTAT_SPEED_SHIFT;

    if (mode.full_duplex)
        value |= PSSTAT_FULL_DUPLEX;
    return phy_link(chip) ? value | PSSTAT_LINK | PSSTAT_RESOLVED : value;
}

/* The partner's words are known once they have been exchanged. */
static uint16_t partners(const struct e1000 *chip, uint16_t value)
{
    return phy_link(chip) && chip->phy.pctrl & PCTRL_AUTONEG ? value : 0;
}

static uint16_t phy_read(struct e1000 *chip, unsigned int number)
{
    const struct e1000_phy *phy = &chip->phy;

    switch (number) {
    case PHY_PCTRL:     return phy->pctrl;
    case PHY_PSTATUS:   return read_pstatus(chip);
    case PHY_PID:       return 0x0141;
    case PHY_EPID:      return 0x0c20;
    case PHY_ANA:       return phy->ana;
    case PHY_LPA:       return partners(chip, LPA_PARTNER);
    case PHY_ANE:       return partners(chip, 0x0001);
    case PHY_NPT:       return 0x2001;
    case PHY_GCON:      return phy->gcon;
    case PHY_GSTATUS:   return partners(chip, GSTATUS_PARTNER);
    case PHY_ESTATUS:   return 0x3000;
    case PHY_PSCON:     return phy->pscon;
    case PHY_PSSTAT:    return read_psstat(chip);
    case PHY_PINTE:     return phy->pinte;
    case PHY_EPSCON1:   return phy->epscon1;
    case PHY_LED:       return phy->led;
    case PHY_PAGE:      return phy->page;
    case PHY_PAGE_DATA: return phy->page_data;
    default:            return 0;
    }
}

/* Negotiating anew takes the link down for a moment, in which nothing else happens. */
static void pctrl_write(struct e1000 *chip, uint16_t value)
{
    bool restart = value & PCTRL_RESET || (value & PCTRL_RESTART && value & PCTRL_AUTONEG);

    if (value & PCTRL_RESET)
        value = PCTRL_AT_RESET;
    chip->phy.pctrl = value & ~(PCTRL_RESTART | 0x003f);
    if (restart && chip->link)
        e1000_cause(chip, ICR_LSC);
}

static void phy_write(struct e1000 *chip, unsigned int number, uint16_t value)
{
    struct e1000_phy *phy = &chip->phy;

    switch (number) {
    case PHY_PCTRL:     pctrl_write(chip, value); break;
    case PHY_ANA:       phy->ana = value; break;
    case PHY_GCON:      phy->gcon = value; break;
    case PHY_PSCON:     phy->pscon = value; break;
    case PHY_PINTE:     phy->pinte = value; break;
    case PHY_EPSCON1:   phy->epscon1 = value; break;
    case PHY_LED:       phy->led = value; break;
    case PHY_PAGE:      phy->page = value; break;
    case PHY_PAGE_DATA: phy->page_data = value; break;
    }
    e1000_update_link(chip);
}

/* No other PHY answers. */
void e1000_mdic_write(struct e1000 *chip, uint32_t value)
{
    unsigned int number = value >> MDIC_REG_SHIFT & (PHY_REGISTERS - 1), phy = value >> MDIC_PHY_SHIFT & 31;

    chip->r.mdic = (value & ~MDIC_E) | MDIC_R;
    if (phy != PHY_ADDRESS)
        chip->r.mdic |= MDIC_E;
    else if (value & MDIC_OP_READ)
        chip->r.mdic = (chip->r.mdic & ~MDIC_DATA) | phy_read(chip, number);
    else if (value & MDIC_OP_WRITE)
        phy_write(chip, number, value & MDIC_DATA);
    if (value & MDIC_I)
        e1000_cause(chip, ICR_MDAC);
}
