package io.multisqs.broadcast;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.UUID;

/** What tells one instance's queue from another's. */
final class InstanceName {
  /** SQS's limit for a queue's name, less the dash before the instance and {@code .fifo}. */
  private static final int ROOM = 80 - 1 - 5;

  private InstanceName() {}

  static int roomBeside(String prefix) {
    return ROOM - prefix.length();
  }

  static String random() {
    return UUID.randomUUID().toString().replace("-", "").substring(0, 12);
  }

  static String ofHost(String prefix) {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(
          "instanceFromHostName: this machine's host name cannot be found; give an instance name",
          e);
    }
    return fitted(host, roomBeside(prefix));
  }

  /** Replaces what no queue's name may have; where that could make two hosts one, adds a hash. */
  static String fitted(String host, int room) {
    String clean = host.replaceAll("[^A-Za-z0-9_-]", "-");
    if (clean.equals(host) && host.length() <= room) {
      return host;
    }
    String hash = String.format("%08x", host.hashCode());
    return clean.substring(0, Math.min(clean.length(), room - hash.length() - 1)) + "-" + hash;
  }
}
