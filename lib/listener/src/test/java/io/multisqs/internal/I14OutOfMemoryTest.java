package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerClock;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An OutOfMemoryError may strike anywhere while a handler fills the heap. Here it strikes where the
 * clock is read, which is nearly everywhere: at the first reading, at the second, and so on.
 */
@Tag("I14")
class I14OutOfMemoryTest {

  /** Throws once, at one of its readings. */
  private static final class FailingClock implements ListenerClock {
    private final ListenerClock real;
    private final int failsAt;
    int readings;
    boolean strikes;

    FailingClock(ListenerClock real, int failsAt) {
      this.real = real;
      this.failsAt = failsAt;
    }

    @Override
    public long nanoTime() {
      if (++readings == failsAt && strikes) {
        throw new OutOfMemoryError("as told");
      }
      return real.nanoTime();
    }

    @Override
    public Instant instant() {
      return real.instant();
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // as the clock before which it stands
    public void await(Lock held, Condition condition, long nanos) throws InterruptedException {
      real.await(held, condition, nanos);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"standard", "fifo"})
  void whereverItStrikesAllIsHandledAndNothingStaysCounted(String kind) {
    boolean struck = true;
    for (int at = 1; struck; at += 1 + at / 25) {
      struck = handlesAll(kind.equals("fifo") ? "q.fifo" : "q", at, at % 2 == 0);
    }
  }

  /** Returns whether it struck. */
  private static boolean handlesAll(String queue, int failsAt, boolean eventsAreHeard) {
    try (SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10))) {
      Set<String> failed = new HashSet<>();
      listener
          .queue(
              SqsListenerConfig.builder(queue)
                  .retry(RetryPolicy.fixed(Duration.ofSeconds(1)))
                  .visibilityTimeout(Duration.ofSeconds(10))
                  .handlerTimeout(Duration.ofMinutes(1))
                  .build())
          .queue(SqsListenerConfig.builder("other").priority(3).build())
          .options(
              ListenerOptions.builder()
                  .concurrency(2)
                  .events(eventsAreHeard ? new ListenerEvents() {} : ListenerEvents.NONE))
          .handler(
              message -> {
                listener.work(Duration.ofMillis(message.body().equals("long") ? 9_000 : 20));
                if (message.body().startsWith("fails") && failed.add(message.body())) {
                  throw new IllegalStateException("as told");
                }
              });
      for (String body : List.of("a", "fails-1", "b", "long", "c", "fails-2", "d")) {
        if (queue.endsWith(".fifo")) {
          listener.sendGroup(queue, "g" + body.length(), body);
        } else {
          listener.send(queue, body);
        }
      }
      listener.send("other", "x", 3);
      FailingClock clock = new FailingClock(listener.simulation, failsAt);
      listener.clock = clock;
      // A start that meets it fails, and its caller is told.
      listener.build().startBuilt();
      clock.readings = 0;
      clock.strikes = true;
      listener.runFor(Duration.ofMinutes(2));
      String when = queue + ", struck at reading " + failsAt + ": " + listener.order();
      assertThat(listener.left(queue)).as(when).isZero();
      assertThat(listener.left("other")).as(when).isZero();
      assertThat(listener.board.slots.inUse()).as(when).isZero();
      for (Lane lane : listener.board.lanes) {
        assertThat(lane.running).as(when).isZero();
        assertThat(lane.leaving()).as(when).isZero();
        assertThat(lane.here).as(when).isEmpty();
        assertThat(lane.credits.waiting() + lane.credits.behind()).as(when).isZero();
        assertThat(lane.receives.underWay()).as(when).isOne();
      }
      boolean struck = clock.readings >= failsAt;
      clock.strikes = false;
      StopAccount account = listener.stop(Duration.ofSeconds(30));
      assertThat(account.addsUp()).as(when + account).isTrue();
      assertThat(account.abandoned()).as(when).isEmpty();
      assertThat(account.abandonedReceives()).as(when).isZero();
      return struck;
    }
  }
}
