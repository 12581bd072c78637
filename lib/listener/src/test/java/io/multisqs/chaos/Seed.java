package io.multisqs.chaos;

/**
 * What a run's chances are drawn from: in {@code mvn verify} the same each time, so that it says
 * something of a change; {@code -Dmultisqs.chaos.seed=…} takes its place, and what runs for long
 * draws a new one.
 */
final class Seed {
  private static final long USUAL = 20_261_121L;

  /** How often each chaos test is to be run, ten times as large; 0 in {@code mvn verify}. */
  static final int ROUNDS = Integer.getInteger("multisqs.chaos.rounds", 0);

  /** The profile "long" asks for tests in full; {@code mvn verify} for their short form. */
  static final boolean LONG = Boolean.getBoolean("multisqs.test.long");

  private Seed() {}

  /**
   * A test's seed, which is printed.
   *
   * @param test tells tests from each other
   */
  static long of(int test) {
    long seed = Long.getLong("multisqs.chaos.seed", ROUNDS > 0 ? drawn() : USUAL + test);
    System.out.println("repeat with -Dmultisqs.chaos.seed=" + seed);
    return seed;
  }

  static long drawn() {
    return System.nanoTime() & 0xffff_ffffL;
  }
}
