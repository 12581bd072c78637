package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.multisqs.CircuitBreaker;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.ListenerState;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.ThrowingEvents;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testkit.Operation;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

/** Whatever an event callback throws changes nothing. */
@Tag("I14")
class I14EventsTest {
  private static final String SHORT = "short-lease";

  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));
  private final ThrowingEvents events = new ThrowingEvents();

  @AfterEach
  void close() {
    listener.close();
  }

  @Test
  void theseAreAllTheCallbacksThatThereAre() {
    assertThat(overridden(ThrowingEvents.class))
        .isEqualTo(overridden(ListenerEvents.class))
        .hasSizeGreaterThan(10);
  }

  private static List<String> overridden(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> !method.isSynthetic() && method.getReturnType() == void.class)
        .map(Method::getName)
        .sorted()
        .collect(Collectors.toList());
  }

  @Test
  void allGoesOnWhileEachCallbackThrows() {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .handlerTimeout(Duration.ofSeconds(5))
                .retry(RetryPolicy.fixed(Duration.ofSeconds(1)))
                .circuitBreaker(CircuitBreaker.after(2, Duration.ofSeconds(10)))
                .build())
        .queue(
            SqsListenerConfig.builder(SHORT)
                .visibilityTimeout(Duration.ofSeconds(5))
                .extendLeases(false)
                .build())
        .options(ListenerOptions.builder().concurrency(2).events(events))
        .handler(
            message -> {
              boolean first =
                  listener.order().indexOf(message.body()) == listener.starts.size() - 1;
              if (message.body().startsWith("fails") && first) {
                throw new IllegalStateException("as told");
              } else if (message.body().equals("slow") && first) {
                listener.work(Duration.ofHours(1));
              } else if (message.body().equals("outlasts its lease") && first) {
                listener.work(Duration.ofSeconds(8));
              } else if (message.body().startsWith("last")) {
                listener.work(Duration.ofSeconds(3));
              }
            });
    listener.sqs.faults().next(Operation.RECEIVE, Fault.throttle());
    listener.sqs.faults().next(Operation.DELETE_BATCH, Fault.throttle());
    listener.send("q", "well", "fails 1", "fails 2", "slow");
    listener.send(SHORT, "outlasts its lease");
    listener.start().runFor(Duration.ofMinutes(2));
    assertThat(listener.left("q")).isZero();
    assertThat(listener.left(SHORT)).isZero();
    listener.send("q", "last", 10);
    listener.runUntilStarted(listener.starts.size() + 1);
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.addsUp()).as(account.toString()).isTrue();
    assertThat(account.complete()).isTrue();
    assertThat(account.released()).isPositive();
    assertThat(listener.left("q")).as("what did not start is in SQS").isBetween(5, 9);
    assertThat(events.called)
        .containsExactlyInAnyOrder(
            "received",
            "receiveFailed",
            "started",
            "handled",
            "failed",
            "timedOut",
            "deleted",
            "deleteFailed",
            "released",
            "leaseLost",
            "circuitBreaker opens",
            "circuitBreaker closes");
  }

  /** Its events are counted, and told of once: they must not fill the heap while it lasts. */
  @Test
  void aCallbackThatDoesNotReturnIsNotWaitedForWithoutABound() {
    AtomicInteger told = new AtomicInteger();
    List<Runnable> threads = new CopyOnWriteArrayList<>();
    Events blocked =
        new Events(
            new ListenerEvents() {
              @Override
              public void leaseLost(ReceivedMessage message, boolean running) {
                told.incrementAndGet();
              }
            },
            threads::add);
    ReceivedMessage message = ReceivedMessage.of("q", Message.builder().messageId("a").build());
    try (RecordedLog log = RecordedLog.of("io.multisqs.ListenerEvents")) {
      for (int i = 0; i < Events.MOST_ASIDE + 500; i++) {
        blocked.leaseLost(message, false);
      }
      assertThat(threads).hasSize(1);
      assertThat(log.lines()).hasSize(1);
      threads.get(0).run();
      assertThat(told.get()).isEqualTo(Events.MOST_ASIDE);
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(1)).startsWith("ERROR 500 lost leases and handlers past");
      blocked.leaseLost(message, false);
      assertThat(threads).as("and goes on").hasSize(2);
    }
  }

  @Test
  void aLifeGoesOnWhileTheCallbackOfItsStatesThrows() {
    InMemorySqs sqs = new InMemorySqs();
    String url = sqs.createQueue("q");
    MultiSqsListener real =
        MultiSqsListener.of(
            List.of(
                SqsListenerConfig.builder("q")
                    .polling(Polling.longPoll(Duration.ofSeconds(1)))
                    .build()),
            ListenerOptions.builder().sqsClient(sqs).region("us-east-1").events(events).build(),
            (queue, bus, priority, message) -> {});
    real.start();
    assertThat(real.state()).isEqualTo(ListenerState.RUNNING);
    sqs.sendMessage(r -> r.queueUrl(url).messageBody("a"));
    await().atMost(Duration.ofMinutes(1)).until(() -> sqs.messages("q").isEmpty());
    assertThat(real.stop(Duration.ofSeconds(10)).handled()).isOne();
    assertThat(real.state()).isEqualTo(ListenerState.TERMINATED);
    assertThat(events.called).contains("stateChanged");
  }
}
