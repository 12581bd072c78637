package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multisqs.testkit.Fault;
import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a listener tells the two probes of an orchestrator. */
@Tag("I20")
class I20HealthTest {
  private final InMemorySqs sqs = new InMemorySqs();

  private MultiSqsListener listener(ListenerOptions.Builder options) {
    return MultiSqsListener.of(
        List.of(
            SqsListenerConfig.builder("orders")
                .polling(Polling.longPoll(Duration.ofSeconds(1)))
                .build()),
        options.sqsClient(sqs).region(InMemorySqs.REGION.id()).build(),
        (queue, bus, priority, message) -> {});
  }

  @Test
  void oneThatIsNewOrRunsIsLiveAndOneThatStoppedIsNot() {
    sqs.createQueue("orders");
    MultiSqsListener listener = listener(ListenerOptions.builder());
    assertThat(listener.isLive()).isEqualTo(new Health(true, "the listener is NEW"));
    assertThat(listener.isReady()).isEqualTo(new Health(false, "the listener is NEW"));
    listener.start();
    assertThat(listener.isLive().up()).isTrue();
    assertThat(listener.isReady().up()).isTrue();
    StopAccount unused = listener.stop(Duration.ofSeconds(5));
    assertThat(listener.isLive().up()).isFalse();
    assertThat(listener.isLive().reason()).contains("TERMINATED");
    assertThat(listener.isReady().up()).isFalse();
  }

  /** A clock that the test moves on, beside the time that passes. */
  private static final class Ahead implements ListenerClock {
    private volatile long ahead;

    @Override
    public long nanoTime() {
      return SYSTEM.nanoTime() + ahead;
    }

    @Override
    public Instant instant() {
      return SYSTEM.instant().plusNanos(ahead);
    }

    @Override
    public void await(Lock held, Condition condition, long nanos) throws InterruptedException {
      SYSTEM.await(held, condition, nanos);
    }
  }

  @Test
  void whileSqsIsAwayItIsLiveButNotReady() {
    sqs.createQueue("orders");
    Ahead clock = new Ahead();
    MultiSqsListener listener = listener(ListenerOptions.builder().clock(clock));
    listener.start();
    sqs.faults().always(Operation.RECEIVE, Fault.internalError());
    await().until(() -> listener.snapshot().queue("orders").status() == QueueStatus.BACKING_OFF);
    clock.ahead = Duration.ofSeconds(75).toNanos();
    await().until(() -> !listener.isReady().up());
    assertThat(listener.isReady().reason()).startsWith("no receive was answered from orders for 7");
    assertThat(listener.isLive().up()).isTrue();
    sqs.faults().clear();
    await().atMost(Duration.ofSeconds(40)).until(() -> listener.isReady().up());
    listener.close();
  }
}
