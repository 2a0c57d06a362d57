package main

import "encoding/binary"

// emptyQcow2 is an empty disk image in the format in which qemu keeps snapshots
// (qemu's docs/interop/qcow2.txt, version 3): one cluster each of header,
// refcount table, refcounts and L1 table.
func emptyQcow2() []byte {
	const (
		clusterBits = 16
		cluster     = 1 << clusterBits
		size        = 1 << 20 // of the disk
	)
	image := make([]byte, 4*cluster)
	be32 := func(at int, value uint32) { binary.BigEndian.PutUint32(image[at:], value) }
	be64 := func(at int, value uint64) { binary.BigEndian.PutUint64(image[at:], value) }
	copy(image, "QFI\xfb")
	be32(4, 3) // version
	be32(20, clusterBits)
	be64(24, size)
	be32(36, 1)         // entries of the L1 table,
	be64(40, 3*cluster) // which is here
	be64(48, cluster)   // refcount table,
	be32(56, 1)         // of one cluster
	be32(96, 4)         // 1<<4 bits for a refcount
	be32(100, 104)      // size of the header
	be64(cluster, 2*cluster)
	for i := range 4 {
		binary.BigEndian.PutUint16(image[2*cluster+2*i:], 1)
	}
	return image
}
