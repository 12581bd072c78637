package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testkit.MessageEvent;
import io.multisqs.testkit.VirtualRun;
import io.multisqs.testkit.VirtualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;

/** What the test kit's page shows: a user's own tests in virtual time. */
class InVirtualTimeTest {

  // page: setting up
  final VirtualTime time = new VirtualTime();
  final InMemorySqs sqs = new InMemorySqs(time);
  final VirtualRun run = new VirtualRun(time);
  final List<String> handled = new CopyOnWriteArrayList<>();

  /** The listener's clock is the test's. */
  final ListenerClock clock =
      new ListenerClock() {
        @Override
        public long nanoTime() {
          return time.nanoTime();
        }

        @Override
        public Instant instant() {
          return time.instant();
        }

        @Override
        public void await(Lock held, Condition condition, long nanos) throws InterruptedException {
          time.await(held, condition, nanos);
        }
      };

  final ListenerOptions options =
      ListenerOptions.builder().clock(clock).sqsClient(sqs).region("us-east-1").build();

  void send(String queue, String body) {
    String url = sqs.createQueue(queue);
    sqs.sendMessage(r -> r.queueUrl(url).messageBody(body));
  }

  // page: end

  @Test
  // page: a retry
  void failedOrderIsRetriedAfterEightSeconds() {
    send("orders", "17");
    SqsListenerConfig orders =
        SqsListenerConfig.builder("orders").retry(RetryPolicy.fixed(Duration.ofSeconds(8))).build();
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(orders),
            options,
            (queue, bus, priority, message) -> {
              handled.add(message.body() + " at " + time.nanoTime() / 1_000_000_000 + " s");
              if (message.receiveCount() == 1) {
                throw new IllegalStateException("the database is away");
              }
            });
    listener.start();

    run.advanceUntil(Duration.ofMinutes(1), () -> handled.size() == 2);

    assertThat(handled).containsExactly("17 at 0 s", "17 at 8 s");
    run.await(Duration.ofMinutes(1), () -> listener.stop(Duration.ofSeconds(30)));
  }

  // page: end

  @Test
  // page: priority
  void urgentOrdersGoFirst() {
    send("bulk", "low 1");
    send("bulk", "low 2");
    send("urgent", "high");
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(
                SqsListenerConfig.of("bulk"),
                SqsListenerConfig.builder("urgent").priority(5).build()),
            options,
            (queue, bus, priority, message) -> handled.add(message.body()));
    listener.start();

    run.advanceUntil(Duration.ofMinutes(1), () -> handled.size() == 3);

    assertThat(handled).containsExactly("high", "low 1", "low 2");
    run.await(Duration.ofMinutes(1), () -> listener.stop(Duration.ofSeconds(30)));
  }

  // page: end

  @Test
  // page: a stop
  void stopTellsWhatBecameOfEachMessage() {
    send("orders", "17");
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(SqsListenerConfig.of("orders")),
            options,
            (queue, bus, priority, message) -> handled.add(message.body()));
    listener.start();
    run.settle();

    StopAccount account =
        run.await(Duration.ofMinutes(1), () -> listener.stop(Duration.ofSeconds(30)));

    assertThat(account.handled()).isEqualTo(1);
    assertThat(sqs.events()).extracting(MessageEvent::kind).endsWith(MessageEvent.Kind.DELETED);
  }

  // page: end

  @Test
  void pageShowsThisCode() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "TESTKIT.md"));
    String code =
        Files.readString(Path.of("src", "test", "java", "io/multisqs/InVirtualTimeTest.java"));
    List<String> shown =
        Arrays.stream(code.split("(?m)^ *// page: "))
            .skip(1)
            .filter(s -> !s.startsWith("end"))
            .toList();
    assertThat(shown).hasSize(4);
    for (String part : shown) {
      String body =
          part.substring(part.indexOf('\n') + 1).stripTrailing().replaceAll("(?m)^  ", "");
      assertThat(page).contains(body);
    }
  }
}
