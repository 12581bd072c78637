package io.multisqs.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * When this machine kept threads waiting beyond what they had asked for: watched by one thread for
 * each processor, which sleeps a millisecond at a time.
 */
final class Stalls implements AutoCloseable {
  /** From when the thread should have been woken to when it was. */
  record Stall(long from, long to) {}

  private static final long ASKED = Duration.ofMillis(1).toNanos();

  /** Less is what any sleep takes longer than asked. */
  private static final long SHORTEST = Duration.ofMillis(1).toNanos();

  private final Queue<Stall> seen = new ConcurrentLinkedQueue<>();
  private volatile boolean over;

  /** Watches from now on. */
  static Stalls watch() {
    Stalls stalls = new Stalls();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      Thread thread = new Thread(stalls::sleepAgainAndAgain, "stalls-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    return stalls;
  }

  private void sleepAgainAndAgain() {
    while (!over) {
      long due = System.nanoTime() + ASKED;
      LockSupport.parkNanos(ASKED);
      long woken = System.nanoTime();
      if (woken - due >= SHORTEST) {
        seen.add(new Stall(due, woken));
      }
    }
  }

  /** What was seen up to now, in order of time, none overlapping another. */
  List<Stall> merged() {
    return merge(seen.stream().sorted((a, b) -> Long.compare(a.from, b.from)).toList());
  }

  static List<Stall> merge(List<Stall> inOrder) {
    List<Stall> merged = new ArrayList<>();
    for (Stall stall : inOrder) {
      Stall last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (last != null && stall.from <= last.to) {
        merged.set(merged.size() - 1, new Stall(last.from, Math.max(last.to, stall.to)));
      } else {
        merged.add(stall);
      }
    }
    return merged;
  }

  /** How much of the time from one moment to another was stalled. */
  static long within(List<Stall> merged, long from, long to) {
    long stalled = 0;
    for (Stall stall : merged) {
      stalled += Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from));
    }
    return stalled;
  }

  static long longest(List<Stall> merged) {
    return merged.stream().mapToLong(stall -> stall.to - stall.from).max().orElse(0);
  }

  @Override
  public void close() {
    over = true;
  }
}
