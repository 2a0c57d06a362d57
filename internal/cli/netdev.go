package cli

import (
	"fmt"
	"net"

	"reprise/chardev"
	"reprise/internal/netdev"
	"reprise/replay"
	"reprise/vm"
)

// plannedNetdev is a network that may have found its card.
type plannedNetdev struct {
	netdev.Spec
	used bool
}

// addNetworks reads --netdev.
func (b *boardPlan) addNetworks(netdevs []string) error {
	for _, text := range netdevs {
		spec, err := netdev.Parse(text)
		if err != nil {
			return usagef("--netdev %s: %w", text, err)
		}
		for _, other := range b.netdevs {
			if other.ID == spec.ID {
				return usagef("--netdev id=%s is given twice: every network has an id of its own", spec.ID)
			}
		}
		b.netdevs = append(b.netdevs, plannedNetdev{Spec: spec})
	}
	return nil
}

// claimNetdev gives a network card its network and its address.
func (b *boardPlan) claimNetdev(d *deviceSpec, p *peripheral) error {
	id, mac := d.take("netdev"), d.take("mac")
	var found *plannedNetdev
	cards := 0
	for i := range b.netdevs {
		if b.netdevs[i].ID == id {
			found = &b.netdevs[i]
		}
		if b.netdevs[i].used {
			cards++
		}
	}
	switch {
	case id == "":
		return d.failf("it names no network: add netdev=ID, and --netdev user,id=ID")
	case found == nil:
		return d.failf("there is no network %s: add --netdev user,id=%s", id, id)
	case found.used:
		return d.failf("network %s is another device's already", id)
	}
	found.used, p.Network = true, found.Spec
	// qemu's addresses: 52:54:00:12:34:56 and up.
	p.MAC = vm.MAC{0x52, 0x54, 0x00, 0x12, 0x34, 0x56 + byte(cards)}
	if mac != "" {
		address, err := net.ParseMAC(mac)
		if err != nil || len(address) != len(p.MAC) || address[0]&1 != 0 {
			return d.failf("mac=%s is not the address of a card: it is written 52:54:00:12:34:56", mac)
		}
		p.MAC = vm.MAC(address)
	}
	return nil
}

// virtioNetwork is a network card and what it is connected to.
type virtioNetwork struct {
	slot int
	id   uint8
	spec netdev.Spec
	mac  vm.MAC
}

// addNetwork puts a network card into its slot.
func (a *assembled) addNetwork(slot int, p peripheral) {
	n := virtioNetwork{slot: slot, id: uint8(len(a.networks)), spec: p.Network, mac: p.MAC}
	a.networks = append(a.networks, n)
	a.Config.Virtio[slot] = vm.Virtio{Kind: p.Kind, Device: n.id, MAC: p.MAC}
}

// openNetworks makes the networks, and tells of what other machines can reach.
func (a *assembled) openNetworks(n *notices) []replay.Network {
	var list []replay.Network
	for _, card := range a.networks {
		for _, place := range card.spec.Exposed() {
			n.say("%v", chardev.Event{Kind: chardev.Exposed, Backend: fmt.Sprintf("netdev %s at %s", card.spec.ID, place)})
		}
		list = append(list, replay.Network{ID: card.id, Name: card.spec.ID, Backend: netdev.New(card.spec, card.mac[:])})
	}
	return list
}

// sayDropped tells of frames that a guest did not take in time.
func (s *session) sayDropped() {
	s.debugger.Inspect(func(t *replay.Timeline) {
		for _, n := range t.Networks() {
			if n.Dropped > 0 {
				s.notices.say("network %s: %s for the guest were dropped: it did not take them in time", n.Name, plural(n.Dropped, "frame"))
			}
		}
	})
}
