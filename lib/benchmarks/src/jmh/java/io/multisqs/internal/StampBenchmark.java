package io.multisqs.internal;

import io.multisqs.PriorityPolicy;
import java.time.Duration;
import java.util.Map;
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

/** What each policy takes to give a message its place in the order. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class StampBenchmark {
  /** Which policy. */
  @Param({"strict", "aging", "weighted"})
  public String policy;

  private Ranking ranking;
  private int turn;
  private long now;

  /** A fresh ranking. */
  @Setup
  public void make() {
    ranking = Ranking.of(policy(), 0);
  }

  private PriorityPolicy policy() {
    return switch (policy) {
      case "strict" -> PriorityPolicy.strict();
      case "aging" -> PriorityPolicy.strictWithAging(Duration.ofSeconds(10));
      case "weighted" -> PriorityPolicy.weighted(Map.of(1, 1, 2, 2, 3, 3, 4, 4));
      default -> throw new IllegalArgumentException("no such policy: " + policy);
    };
  }

  private int priority() {
    return 1 + (turn++ & 3);
  }

  /** A message arrives, and starts. */
  @Benchmark
  public long stampAndStart() {
    long key = ranking.stamp(priority(), now++);
    ranking.started(key);
    return key;
  }

  /** What a message would get, as is asked of each higher queue before a lower message starts. */
  @Benchmark
  public long wouldStamp() {
    return ranking.wouldStamp(priority(), now++);
  }
}
