package io.multisqs.internal;

import io.multisqs.ListenerClock;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * Items are added from two sides while both send and a stop hurries: each is sent once, and whoever
 * adds one that nobody would send asks for a thread.
 */
@JCStressTest
@Outcome(id = "111, 1", expect = Expect.ACCEPTABLE, desc = "Each is sent once, by one thread.")
@Outcome(
    id = "111, 2",
    expect = Expect.ACCEPTABLE,
    desc = "Each is sent once; the first thread was not there after 100 ms.")
@State
public class BatchCallsStress {
  private final Lane lane = new Bench(false).lane;
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger threads = new AtomicInteger();
  private final BatchCalls<Integer> calls =
      new BatchCalls<>(
          ListenerClock.SYSTEM,
          2,
          thread -> threads.incrementAndGet(),
          (lane, batch) -> batch.forEach(sent::addAndGet));

  @Actor
  public void one() {
    calls.add(lane, 1, 10, 0);
    calls.step();
  }

  @Actor
  public void other() {
    calls.addAfter(lane, 10, 0);
    calls.step();
    calls.add(lane, 100, 1, 1_000_000_000L);
    calls.hurry();
  }

  @Arbiter
  public void after(II_Result result) {
    calls.hurry();
    calls.step();
    result.r1 = sent.get();
    result.r2 = threads.get();
  }
}
