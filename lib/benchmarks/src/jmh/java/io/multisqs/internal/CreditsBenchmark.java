package io.multisqs.internal;

import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The books of one receive that asks for ten messages and brings them. By one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class CreditsBenchmark {
  private static final int TEN = 10;

  private final Semaphore permits = new Semaphore(100);
  private final Credits credits = new Credits(OptionalInt.empty(), TEN, false);
  private final ReceiveTimes times = new ReceiveTimes();

  /** A receive takes 15 ms. */
  @Setup
  public void make() {
    times.sample(15_000_000);
  }

  /** Queues in all, for which a grant looks whether higher work fills the slots. */
  @State(Scope.Benchmark)
  public static class Queues {
    /** How many. */
    @Param({"1", "100"})
    public int queues;

    private Parts parts;

    /** All idle. */
    @Setup
    public void make() {
      parts = new Parts(queues, TEN, 100);
    }
  }

  /** The yardstick: permits of a semaphore, as a hand-written loop has them. */
  @Benchmark
  public int semaphore() {
    int free = permits.availablePermits();
    if (!permits.tryAcquire(TEN)) {
      throw new IllegalStateException("there are always ten");
    }
    for (int i = 0; i < TEN; i++) {
      permits.release();
    }
    return free;
  }

  /** The credits alone: whether to ask, the receive, each message's arrival and its leaving. */
  @Benchmark
  public int credits() {
    int free = credits.free(TEN, times) - credits.worthAsking(TEN, times);
    credits.asked(TEN);
    credits.answered(TEN);
    for (int i = 0; i < TEN; i++) {
      credits.entered(true);
    }
    for (int i = 0; i < TEN; i++) {
      credits.left(true);
      credits.handlerTook(1_000_000);
    }
    return free;
  }

  /** What a poller does under the lock around its receive, but for taking its messages in. */
  @Benchmark
  public int grantAndSettle(Queues idle) {
    Board board = idle.parts.board;
    Lane lane = idle.parts.lane;
    Grant grant;
    board.lock();
    try {
      grant = board.receiving.grant(lane, System.nanoTime());
    } finally {
      board.unlock();
    }
    board.lock();
    try {
      long now = System.nanoTime();
      board.receiving.settle(grant);
      lane.receives.answered(grant.messages, TEN, now);
      lane.heat.answeredWithMessages(grant.askedAt, now, grant.messages, grant.messages, true);
      return grant.messages;
    } finally {
      board.unlock();
    }
  }
}
