package io.multisqs.internal;

/**
 * Whether the stack has room for what is about to be done under the board's lock, asked before the
 * lock is taken.
 *
 * <p>User code that recurses without an end may call the listener when hardly any stack is left. A
 * StackOverflowError between a lock and its unlock strikes again in the unlock, which lies as deep:
 * the lock is never given up, and what it guards is half changed. No catch clause mends that. So
 * each public method that takes the lock first goes deeper than it will under it, and comes back:
 * the overflow then strikes here, where nothing has happened yet, and costs its message a retry.
 * That is half a microsecond a call, and does not touch the listener's own way, which starts from a
 * stack that is all but empty. To leave such calls to another thread would cost ten times as much.
 *
 * <p>The JVM checks for room where a method is entered, and keeps as much again for itself, so that
 * depth is all that counts.
 */
final class StackRoom {
  /** A level takes 16 bytes once it is compiled, and some 100 before: 16 KiB at least. */
  private static final int LEVELS = 1_000;

  /** The SDK goes deeper, and an overflow in the middle could break a client that all share. */
  private static final int LEVELS_OF_A_CALL = 2_000;

  private StackRoom() {}

  /**
   * For what is decided under a lock, and done after the unlock.
   *
   * @throws StackOverflowError if there is none
   */
  static void forDecisions() {
    int unused = descend(LEVELS);
  }

  /**
   * For a call to SQS as well.
   *
   * @throws StackOverflowError if there is none
   */
  static void forCall() {
    int unused = descend(LEVELS_OF_A_CALL);
  }

  /** Adds up on the way back, so that no compiler makes a loop of it. */
  private static int descend(int levels) {
    return levels == 0 ? 0 : 1 + descend(levels - 1);
  }
}
