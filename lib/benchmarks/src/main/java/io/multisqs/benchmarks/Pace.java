package io.multisqs.benchmarks;

/**
 * How thorough a bench is.
 *
 * @param warmUpMillis before anything is measured in a JVM; the SDK's code takes about 50 s to be
 *     compiled on two cores
 * @param settleMillis before each window
 * @param windowMillis measured
 * @param rounds of fresh JVMs
 * @param starts of a consumer a round, where starting is what is measured
 * @param bursts of urgent messages a phase
 * @param largestBacklog of messages that growth goes to
 */
record Pace(
    int warmUpMillis,
    int settleMillis,
    int windowMillis,
    int rounds,
    int starts,
    int bursts,
    int largestBacklog) {
  /** For figures to be shown. */
  static final Pace FULL = new Pace(60_000, 2_000, 5_000, 3, 5, 10, 1_000_000);

  /** For a first look while something is changed; only large differences mean anything. */
  static final Pace QUICK = new Pace(8_000, 1_000, 4_000, 1, 3, 2, 100_000);

  /** Only to see that everything runs. */
  static final Pace SMOKE = new Pace(200, 50, 300, 1, 1, 1, 1_000);
}
