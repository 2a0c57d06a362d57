// Command initramfs makes the initial RAM disk of the Linux guest from unpacked
// Debian packages: busybox, a configuration that gives a shell on the console,
// and the named kernel modules with those that they need.
//
// The same packages make the same bytes, on every machine. scripts/guests runs it.
package main
