package io.multisqs.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A handler ends while it is interrupted for its time: the next message never meets that. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "Interrupted, and cleared.")
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "It ended first.")
@State
public class InterruptStress {
  private final Bench bench = new Bench(false);
  private final Delivery delivery;
  private final HandlerLimits limits = new HandlerLimits(bench.board, bench.parts.events, time -> {});

  public InterruptStress() {
    bench.entered("a", 1);
    delivery = bench.startBest();
  }

  @Actor
  public void handler(ZZ_Result result) {
    HandlerCall call = limits.start(delivery);
    result.r1 = call.end() != HandlerCall.Cause.NONE;
    result.r2 = Thread.interrupted();
  }

  @Actor
  public void stop() {
    limits.interruptAll();
  }
}
