package io.multisqs.internal;

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

/**
 * The choice of what starts next, of the lowest queue, while a receive stands on each of the higher
 * ones.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class ChoiceBenchmark {
  /** Queues in all. */
  @Param({"1", "10", "100"})
  public int queues;

  private Board board;
  private long now;

  /** A receive on each queue, and ten messages. */
  @Setup
  public void fill() {
    Parts parts = new Parts(queues, 10, 10);
    board = parts.board;
    now = System.nanoTime();
    board.lock();
    try {
      for (Lane lane : board.lanes) {
        if (board.receiving.grant(lane, now) == null) {
          throw new IllegalStateException("a receive must stand on " + lane);
        }
      }
    } finally {
      board.unlock();
    }
    parts.messages(10).forEach(parts::enter);
    now++;
    if (best() == null) {
      throw new IllegalStateException("a message must be startable");
    }
  }

  /** The best message, under the lock. */
  @Benchmark
  public Object best() {
    board.lock();
    try {
      return board.choice.best(now);
    } finally {
      board.unlock();
    }
  }
}
