package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.MessageEvent;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

@Tag("I12")
class I12FifoTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));
  private final Set<String> running = new HashSet<>();
  private int mostAtOnce;

  @AfterEach
  void close() {
    listener.close();
  }

  private SqsListenerConfig.Builder fifo() {
    return SqsListenerConfig.builder("q.fifo").prefetch(30);
  }

  private static String group(io.multisqs.ReceivedMessage message) {
    return message.group().orElseThrow();
  }

  private void alone(io.multisqs.ReceivedMessage message, Duration work) throws Exception {
    assertThat(running.add(group(message))).as("one of a group at a time").isTrue();
    mostAtOnce = Math.max(mostAtOnce, running.size());
    try {
      listener.work(work);
    } finally {
      running.remove(group(message));
    }
  }

  @Test
  void aGroupIsHandledOneAtATimeInOrderWhileOthersGoOn() {
    listener
        .queue(fifo().build())
        .options(ListenerOptions.builder().concurrency(4))
        .handler(message -> alone(message, Duration.ofMillis(20)));
    for (int i = 1; i <= 8; i++) {
      for (String group : List.of("a", "b", "c")) {
        listener.sendGroup("q.fifo", group, group + i);
      }
    }
    listener.start().runUntilStarted(24);
    for (String group : List.of("a", "b", "c")) {
      assertThat(listener.order().stream().filter(b -> b.startsWith(group)))
          .containsExactly(
              group + 1, group + 2, group + 3, group + 4, group + 5, group + 6, group + 7,
              group + 8);
    }
    assertThat(mostAtOnce).isEqualTo(3);
  }

  @Test
  void theNextStartsOnlyAfterTheDeleteOfTheOneBeforeWasConfirmed() {
    listener.queue(fifo().build());
    listener.way.deletesTake = Duration.ofSeconds(3);
    listener.sendGroup("q.fifo", "a", "1", "2");
    listener.start().runUntilStarted(2);
    Duration between = listener.starts.get(1).at().minus(listener.starts.get(0).at());
    assertThat(between).isEqualTo(Duration.ofMillis(3010));
  }

  @Test
  void aDeleteThatFailsHoldsItsGroupUntilItSucceeds() {
    listener.queue(fifo().build());
    listener.sqs.faults().next(Operation.DELETE_BATCH, 2, Fault.timeout());
    listener.sendGroup("q.fifo", "a", "1", "2");
    listener.start().runUntilStarted(2);
    assertThat(listener.sqs.faults().pending()).isZero();
    assertThat(listener.order()).containsExactly("1", "2");
  }

  @Test
  void whenOneFailsThoseBehindItAreGivenBackAndComeAgainInOrder() {
    listener
        .queue(fifo().retry(RetryPolicy.fixed(Duration.ofSeconds(5))).build())
        .handler(
            message -> {
              alone(message, Duration.ofMillis(10));
              if (message.body().equals("a2") && message.receiveCount() < 3) {
                throw new IllegalStateException("as told");
              }
            });
    listener.sendGroup("q.fifo", "a", "a1", "a2", "a3", "a4");
    listener.sendGroup("q.fifo", "b", "b1", "b2");
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(listener.order().stream().filter(b -> b.startsWith("a")))
        .containsExactly("a1", "a2", "a2", "a2", "a3", "a4");
    assertThat(listener.order().stream().filter(b -> b.startsWith("b")))
        .containsExactly("b1", "b2");
    assertThat(listener.order().indexOf("b2"))
        .as("the other group went on")
        .isLessThan(listener.order().lastIndexOf("a2"));
    assertThat(listener.left("q.fifo")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.handled()).isEqualTo(6);
    assertThat(account.retried()).isEqualTo(2);
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void aDiscardedOneLetsTheNextOfItsGroupPass() {
    listener
        .queue(fifo().retry(RetryPolicy.discard()).build())
        .handler(
            message -> {
              if (message.body().equals("1")) {
                throw new IllegalStateException("as told");
              }
            });
    listener.sendGroup("q.fifo", "a", "1", "2");
    listener.start().runFor(Duration.ofSeconds(5));
    assertThat(listener.order()).containsExactly("1", "2");
    assertThat(listener.left("q.fifo")).isZero();
  }

  @Test
  void manyGroupsRunInParallelEachInOrderThoughHandlersFailNowAndThen() {
    int groups = 40;
    int each = 10;
    int[] calls = {0};
    Map<String, List<String>> succeeded = new HashMap<>();
    listener
        .queue(fifo().prefetch(200).retry(RetryPolicy.atOnce()).build())
        .options(ListenerOptions.builder().concurrency(20))
        .handler(
            message -> {
              alone(message, Duration.ofMillis(20));
              if (++calls[0] % 17 == 0) {
                throw new IllegalStateException("now and then");
              }
              succeeded.computeIfAbsent(group(message), g -> new ArrayList<>()).add(message.body());
            });
    List<String> inOrder = new ArrayList<>();
    for (int i = 0; i < each; i++) {
      inOrder.add("m" + i);
      for (int g = 0; g < groups; g++) {
        listener.sendGroup("q.fifo", "g" + g, "m" + i);
      }
    }
    listener.start();
    listener.simulation.runUntil(Duration.ofMinutes(5), () -> listener.left("q.fifo") == 0);
    assertThat(succeeded).hasSize(groups);
    assertThat(succeeded.values()).allSatisfy(bodies -> assertThat(bodies).isEqualTo(inOrder));
    assertThat(mostAtOnce).isGreaterThan(10);
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void whenAHandlerOutlastsTheLeaseItsGroupStaysInOrder() {
    listener
        .queue(fifo().extendLeases(false).visibilityTimeout(Duration.ofSeconds(10)).build())
        .options(ListenerOptions.builder().concurrency(3))
        .handler(
            message -> {
              boolean first = message.body().equals("1") && message.receiveCount() == 1;
              alone(message, Duration.ofSeconds(first ? 15 : 1));
            });
    listener.sendGroup("q.fifo", "a", "1", "2", "3");
    listener.start().runFor(Duration.ofMinutes(2));
    assertThat(listener.left("q.fifo")).isZero();
    List<String> order = new ArrayList<>(new java.util.LinkedHashSet<>(listener.order()));
    assertThat(order).containsExactly("1", "2", "3");
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.addsUp()).as(account.toString()).isTrue();
    assertThat(listener.lane("q.fifo").credits.waiting()).isZero();
  }

  @Test
  void aReceiveWhoseAnswerWasLostIsAskedForAgainWithTheSameAttemptId() {
    listener.queue(fifo().maxPollers(1).build());
    listener.sqs.faults().next(Operation.RECEIVE, Fault.lostResponse());
    listener.sendGroup("q.fifo", "a", "1", "2");
    listener.start().runUntilStarted(1);
    List<ReceiveMessageRequest> requests = listener.way.receiveRequests;
    assertThat(requests.get(1).receiveRequestAttemptId())
        .isNotNull()
        .isEqualTo(requests.get(0).receiveRequestAttemptId());
    assertThat(listener.simulation.now())
        .as("not only when the visibility timeout is over")
        .isLessThan(Duration.ofSeconds(2));
    listener.runFor(Duration.ofSeconds(1));
    assertThat(requests.get(2).receiveRequestAttemptId())
        .isNotEqualTo(requests.get(0).receiveRequestAttemptId());
  }

  @Test
  void afterThrottlingTheAttemptIdIsANewOne() {
    listener.queue(fifo().maxPollers(1).build());
    listener.sqs.faults().next(Operation.RECEIVE, Fault.throttle());
    listener.sendGroup("q.fifo", "a", "1");
    listener.start().runUntilStarted(1);
    List<ReceiveMessageRequest> requests = listener.way.receiveRequests;
    assertThat(requests.get(1).receiveRequestAttemptId())
        .isNotEqualTo(requests.get(0).receiveRequestAttemptId());
  }

  /** How often SQS handed a message of {@code q.fifo} out. */
  private long receives(String body) {
    return listener.sqs.events().stream()
        .filter(e -> e.queue().equals("q.fifo") && e.kind() == MessageEvent.Kind.RECEIVED)
        .filter(e -> e.body().equals(body))
        .count();
  }

  @ParameterizedTest(name = "maxReceiveCount {0}, prefetch {1}, retried in {2}, handlers of {3}")
  @CsvSource({
    "3, 30, PT1S, PT0S",
    "2, 30, PT1S, PT0S",
    "1, 30, PT1S, PT0S",
    "1, -1, PT1S, PT0.005S",
    "3, 30, PT0S, PT0S",
    "5, 30, PT1S, PT0.005S",
    "3, 30, PT30S, PT2S",
    "10, 5, PT2S, PT0.1S",
    "4, 1, PT1S, PT0.001S",
    "4, -1, PT1S, PT0.001S",
    "4, -1, PT1S, PT1M30S"
  })
  void aHeadThatAlwaysFailsGoesToTheDeadLetterQueueAlone(
      int maxReceiveCount, int prefetch, Duration delay, Duration takes) {
    SqsListenerConfig.Builder config =
        SqsListenerConfig.builder("q.fifo").retry(RetryPolicy.fixed(delay));
    if (prefetch >= 0) {
      config.prefetch(prefetch);
    }
    listener.sqs.createQueue("dead.fifo", Map.of());
    listener
        .queue(config.build(), redriveTo("dead.fifo", maxReceiveCount))
        .options(ListenerOptions.builder().concurrency(2))
        .handler(
            message -> {
              alone(message, takes);
              if (message.body().equals("1")) {
                throw new IllegalStateException("always");
              }
            });
    listener.sendGroup("q.fifo", "a", "1", "2", "3", "4", "5");
    listener.start();
    listener.simulation.runUntil(Duration.ofHours(1), () -> listener.left("q.fifo") == 0);
    assertThat(listener.order().stream().filter(b -> b.equals("1"))).hasSize(maxReceiveCount);
    assertThat(listener.order().stream().filter(b -> !b.equals("1")))
        .containsExactly("2", "3", "4", "5");
    assertThat(listener.left("dead.fifo")).isOne();
    for (String follower : List.of("2", "3", "4", "5")) {
      assertThat(receives(follower))
          .as("receives of %s, which came with the head once and was handled once", follower)
          .isLessThanOrEqualTo(2);
    }
  }

  @Test
  void whileAFailedHeadIsAwayOtherGroupsComeTenAtATime() {
    listener
        .queue(fifo().prefetch(40).retry(RetryPolicy.fixed(Duration.ofMinutes(2))).build())
        .options(ListenerOptions.builder().concurrency(4))
        .handler(
            message -> {
              alone(message, Duration.ofMillis(20));
              if (message.body().equals("1") && message.receiveCount() < 4) {
                throw new IllegalStateException("not yet");
              }
            });
    listener.sendGroup("q.fifo", "a", "1", "2", "3", "4");
    listener.start().runFor(Duration.ofSeconds(2));
    for (int g = 0; g < 100; g++) {
      for (int i = 0; i < 5; i++) {
        listener.sendGroup("q.fifo", "g" + g, "m" + i);
      }
    }
    int before = listener.way.receives.size();
    listener.runUntilStarted(501);
    assertThat(listener.way.receives.size() - before).as("receives for 500").isLessThan(100);
    listener.simulation.runUntil(Duration.ofMinutes(10), () -> listener.left("q.fifo") == 0);
    assertThat(listener.order().stream().filter(b -> !b.startsWith("m")))
        .containsExactly("1", "1", "1", "1", "2", "3", "4");
    assertThat(receives("4")).isEqualTo(2);
  }

  private Map<QueueAttributeName, String> redriveTo(String queue, int maxReceiveCount) {
    return Map.of(
        QueueAttributeName.REDRIVE_POLICY,
        "{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%d}"
            .formatted(listener.sqs.arn(queue), maxReceiveCount));
  }

  @Test
  void aGroupOnAStandardQueueIsATenantAndKeepsNoOrder() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(10).build())
        .options(ListenerOptions.builder().concurrency(3))
        .handlersTake(Duration.ofSeconds(1));
    for (String body : List.of("1", "2", "3")) {
      listener.sqs.sendMessage(
          r -> r.queueUrl(listener.url("q")).messageBody(body).messageGroupId("tenant"));
    }
    listener.start().runFor(Duration.ofMillis(500));
    assertThat(listener.snapshot("q").running()).isEqualTo(3);
  }
}
