package io.multisqs;

/**
 * How many slots a bus is sure of and how many it may have at most.
 *
 * @param reserved slots that only this bus takes, or a message of higher priority than any queue
 *     that feeds it; 0 … {@code concurrency}, default 0
 * @param cap the most slots that this bus takes at once; at least 1 and at least {@code reserved},
 *     default no limit
 */
public record BusOptions(int reserved, int cap) {
  /** No slot reserved, no cap. */
  public static final BusOptions DEFAULT = new BusOptions(0, Integer.MAX_VALUE);

  /** Refuses numbers that no bus can have. */
  public BusOptions {
    if (reserved < 0) {
      throw Check.refused("reserved slots", "must be 0 or more", String.valueOf(reserved));
    }
    if (cap < 1) {
      throw Check.refused("cap", "must be 1 or more (to stop a bus, pause it)", "" + cap);
    }
    if (reserved > cap) {
      throw Check.refused(
          "reserved slots", "must not be over the bus's cap of " + cap, "" + reserved);
    }
  }
}
