package io.multisqs.internal;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** Two messages arrive while a slot takes one: each starts once, and never the lower before. */
@JCStressTest
@Outcome(id = "high, low", expect = Expect.ACCEPTABLE, desc = "The higher one was there.")
@Outcome(id = "low, high", expect = Expect.ACCEPTABLE, desc = "Only the lower one was there.")
@Outcome(id = "none, high low", expect = Expect.ACCEPTABLE, desc = "None was there yet.")
@State
public class BusOrderStress {
  private final Bench bench = new Bench(false);

  @Actor
  public void poller() {
    bench.entered("low", 1);
    bench.entered("high", 5);
  }

  @Actor
  public void slot(LL_Result result) {
    Delivery first = bench.startBest();
    result.r1 = first == null ? "none" : first.id();
  }

  @Arbiter
  public void rest(LL_Result result) {
    StringBuilder rest = new StringBuilder();
    for (Delivery next = bench.startBest(); next != null; next = bench.startBest()) {
      rest.append(rest.isEmpty() ? "" : " ").append(next.id());
    }
    result.r2 = rest.toString();
  }
}
