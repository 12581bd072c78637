package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a delete takes, a message, when ten go out together to a client that says yes at once. What
 * the SDK takes to build the request is in {@link #gatewayAlone()}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
public class AcknowledgerBenchmark {
  private static final int TEN = 10;
  private static final long LINGER = TimeUnit.MILLISECONDS.toNanos(100);

  private final Parts parts = new Parts(1, TEN, TEN);

  /** Its threads are the benchmark's: what is added waits for a step. */
  private final Acknowledger acknowledger =
      new Acknowledger(parts.board, parts.parts.events, released -> {}, thread -> {});

  private final LongAdder sent = new LongAdder();
  private final BatchCalls<Integer> calls =
      new BatchCalls<>(
          ListenerClock.SYSTEM, 32, thread -> {}, (lane, batch) -> sent.add(batch.size()));

  private List<Delivery> ten;
  private List<String> receipts;

  /** Ten messages. */
  @Setup
  public void make() {
    ten = parts.messages(TEN);
    receipts = ten.stream().map(d -> d.receiptHandle).toList();
  }

  /** Ten messages are handed over, deleted, and closed. */
  @Benchmark
  @OperationsPerInvocation(TEN)
  public int acknowledged() {
    for (Delivery delivery : ten) {
      handled(delivery);
      acknowledger.add(delivery, false);
    }
    int deleted = acknowledger.step();
    if (deleted != TEN) {
      throw new IllegalStateException("ten must go out together, not " + deleted);
    }
    return deleted;
  }

  /** Where a message is when its handler has returned. */
  private void handled(Delivery delivery) {
    Board board = parts.board;
    Lane lane = delivery.lane;
    board.lock();
    try {
      delivery.stage = Delivery.Stage.DELETING;
      lane.here.put(delivery.id(), delivery);
      lane.deleting++;
      board.bytes.take(delivery.bytes);
    } finally {
      board.unlock();
    }
  }

  /** The request for ten deletes, and the reading of its answer, which no acknowledger saves. */
  @Benchmark
  @OperationsPerInvocation(TEN)
  public Object gatewayAlone() {
    return parts.gateway.delete("url", receipts);
  }

  private int batch() {
    for (int i = 0; i < TEN; i++) {
      calls.add(parts.lane, i, TEN, LINGER);
    }
    return calls.step();
  }

  /** The collecting into batches alone, by one thread. */
  @Benchmark
  @OperationsPerInvocation(TEN)
  public int batchesAlone() {
    return batch();
  }

  /** The same by four threads, a queue's deletes being collected in one place. */
  @Benchmark
  @OperationsPerInvocation(TEN)
  @Threads(4)
  public int batchesContended() {
    return batch();
  }
}
