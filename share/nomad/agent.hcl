# A client of Nomad with the driver gaol.  See docs/nomad.md.
data_dir   = "/var/lib/nomad"
plugin_dir = "/usr/local/libexec/nomad"

client {
  enabled = true
}

# The label is the name of the file in plugin_dir.
plugin "gaol" {
  config {
    # gaol's state directory, with the releases that jobs name.
    root = "/var/db/gaol"

    # Jobs may name paths of the host: mount, mount_read_only, copy, devices
    # and image = "/FILE".
    host_paths = true

    # Jobs may set properties that run commands on the host, as root.
    host_properties = false

    # Images that no task has used for so long are removed.
    image_gc    = true
    image_delay = "3m"
  }
}
