package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerState;
import io.multisqs.Polling;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.testkit.InMemorySqs;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a machine that has no room for another thread, when one is wanted. */
@Tag("I16")
class I16ScarceThreadsTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final InMemorySqs sqs = new InMemorySqs();
  private final String url = sqs.createQueue("q");
  private final AtomicInteger handled = new AtomicInteger();

  /** A listener of one queue, on a machine that refuses a thread of that name, once. */
  private ListenerRuntime without(String refused) {
    AtomicInteger refusals = new AtomicInteger();
    Threads threads =
        new Threads(
            false,
            thread -> {
              if (thread.getName().equals(refused) && refusals.getAndIncrement() == 0) {
                throw new OutOfMemoryError("unable to create native thread, says the test");
              }
              thread.start();
            });
    return new ListenerRuntime(
        List.of(
            SqsListenerConfig.builder("q")
                .polling(Polling.longPoll(Duration.ofSeconds(1)))
                .build()),
        ListenerOptions.builder()
            .sqsClient(sqs)
            .region("us-east-1")
            .concurrency(3)
            .stopTimeout(SOON)
            .build(),
        (queue, bus, priority, message) -> handled.incrementAndGet(),
        threads);
  }

  @ParameterizedTest
  @ValueSource(strings = {"multisqs-loop-1", "multisqs-loop-3", "multisqs-housekeeper"})
  void aStartThatIsNotCompleteEndsInAStop(String refused) {
    ListenerRuntime listener = without(refused);
    assertThatThrownBy(listener::start).isInstanceOf(OutOfMemoryError.class);
    assertThatItEnds(listener);
  }

  @Test
  void listeningThatIsNotCompleteEndsInAStop() {
    ListenerRuntime listener = without("multisqs-slot-2");
    assertThatThrownBy(listener::listen).isInstanceOf(OutOfMemoryError.class);
    assertThatItEnds(listener);
  }

  /** By itself: nobody but the listener asks for its stop. */
  private static void assertThatItEnds(ListenerRuntime listener) {
    await().until(() -> listener.state() == ListenerState.TERMINATED);
    StopAccount account = listener.stop(SOON);
    assertThat(account.addsUp()).isTrue();
    assertThat(account.abandonedReceives()).isZero();
  }

  @Test
  void aPollerIsStartedAgain() {
    ListenerRuntime listener = without("multisqs-poll-q-1");
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("a"));
    listener.start();
    await().until(() -> handled.get() == 1);
    assertThat(listener.stop(SOON).handled()).isOne();
  }

  @Test
  void whoAsksForAStopThatNoThreadCanMakeMakesIt() {
    ListenerRuntime listener = without("multisqs-stop");
    listener.start();
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("a"));
    await().until(() -> handled.get() == 1);
    StopAccount account = listener.stop(SOON);
    assertThat(account.addsUp()).isTrue();
    assertThat(account.abandonedReceives()).isZero();
    assertThat(account.handled()).isOne();
    assertThat(listener.state()).isEqualTo(ListenerState.TERMINATED);
  }
}
