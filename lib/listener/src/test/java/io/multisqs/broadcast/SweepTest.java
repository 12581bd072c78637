package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multisqs.broadcast.SweepResult.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

class SweepTest {
  private static final String TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders";
  private static final Duration HOUR = Duration.ofHours(1);

  private final StepClock clock = new StepClock();
  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private final FakeSqs sqs = new FakeSqs(clock::instant, calls);
  private final FakeSns sns = new FakeSns(calls);

  private BroadcastQueue instance(String prefix, String name) {
    return BroadcastQueue.subscribe(
            TOPIC,
            BroadcastOptions.builder(prefix)
                .instance(name)
                .sqsClient(sqs)
                .snsClient(sns)
                .clock(clock)
                .settle(Duration.ZERO, Duration.ZERO)
                .build())
        .asOfAnotherProcess();
  }

  private SweepResult sweep() {
    return Broadcast.sweep("pool", HOUR, sqs, sns, false, clock);
  }

  private SweepResult dryRun() {
    return Broadcast.sweep("pool", HOUR, sqs, sns, true, clock);
  }

  @Test
  void queueOfTheDeadIsRemovedWithItsSubscriptionAnHourAfterItsLease() throws Exception {
    instance("pool", "dead");
    BroadcastQueue living = instance("pool", "living");
    clock.advance(Duration.ofMinutes(69));
    living.renewNow();

    assertThat(sweep().names(Outcome.REMOVED)).isEmpty();
    clock.advance(Duration.ofMinutes(1));
    calls.clear();
    SweepResult result = sweep();

    assertThat(result.names(Outcome.REMOVED)).containsExactly("pool-dead");
    assertThat(result.names(Outcome.KEPT)).containsExactly("pool-living");
    assertThat(sqs.queues).containsOnlyKeys("pool-living");
    assertThat(sns.subscriptions).containsOnlyKeys(living.subscriptionArn());
    assertThat(calls)
        .filteredOn(c -> c.startsWith("Unsubscribe") || c.startsWith("DeleteQueue"))
        .containsExactly("Unsubscribe s0", "DeleteQueue pool-dead");
  }

  @Test
  void queueWithMessagesInFlightIsKept() {
    instance("pool", "dead");
    sqs.queues
        .get("pool-dead")
        .attributes
        .put(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "2");
    clock.advance(Duration.ofDays(1));

    assertThat(sweep().toString()).contains("kept pool-dead: ", "2 messages are in flight");
    assertThat(sqs.queues).containsOnlyKeys("pool-dead");
  }

  @Test
  void queuesOfOthersAreNotTouched() {
    sqs.queues.put("pool-work", new FakeSqs.Queue());
    instance("pool-a", "dead"); // another prefix, though its queue's name starts like ours
    instance("pool", "odd");
    sqs.queues.get("pool-odd").tags.put("multisqs:lease-until", "tomorrow");
    clock.advance(Duration.ofDays(1));
    calls.clear();

    SweepResult result = sweep();

    assertThat(result.names(Outcome.KEPT)).containsExactly("pool-a-dead", "pool-odd", "pool-work");
    assertThat(result.toString()).contains("kept pool-odd: its lease is not readable");
    assertThat(calls).allMatch(c -> c.startsWith("List"));
  }

  @Test
  void dryRunSaysWhatASweepWouldDoAndDoesNothing() {
    instance("pool", "dead");
    clock.advance(Duration.ofDays(1));
    calls.clear();

    SweepResult result = dryRun();

    assertThat(result.toString())
        .isEqualTo(
            "dry run of a sweep: 1 queues\n"
                + "  would remove pool-dead: lease ran out at 2030-01-01T00:10:00Z, subscriptions 1");
    assertThat(calls).allMatch(c -> c.startsWith("List") || c.startsWith("Get"));
  }

  @Test
  void queueThatIsTakenOverAtTheLastMomentIsKept() {
    instance("pool", "back");
    clock.advance(Duration.ofDays(1));
    sqs.before =
        (call, what) -> {
          if (call.equals("GetQueueAttributes")) {
            sqs.before = (other, any) -> {};
            instance("pool", "back");
          }
        };

    assertThat(sweep().toString()).contains("kept pool-back: was taken over just now");
    assertThat(sqs.queues).containsOnlyKeys("pool-back");
    assertThat(sns.subscriptions).hasSize(1);
  }

  @Test
  void failureAtOneQueueDoesNotEndTheSweep() {
    instance("pool", "a");
    instance("pool", "b");
    clock.advance(Duration.ofDays(1));
    sqs.before =
        (call, queue) -> {
          if (call.equals("DeleteQueue") && queue.equals("pool-a")) {
            throw FakeSqs.refusal("AccessDenied");
          }
        };

    SweepResult result = sweep();

    assertThat(result.names(Outcome.FAILED)).containsExactly("pool-a");
    assertThat(result.names(Outcome.REMOVED)).containsExactly("pool-b");
  }

  @Test
  void queueWhoseTopicIsGoneIsRemoved() {
    instance("pool", "dead");
    sqs.queues
        .get("pool-dead")
        .tags
        .put("multisqs:topic", "arn:aws:sns:eu-west-1:123456789012:gone");
    clock.advance(Duration.ofDays(1));

    assertThat(sweep().names(Outcome.REMOVED)).containsExactly("pool-dead");
  }

  @Test
  void tenSweepsAtOnceRemoveEachQueueAndNothingElse() throws Exception {
    for (int i = 0; i < 20; i++) {
      instance("pool", "dead-" + i);
    }
    clock.advance(Duration.ofDays(1));
    List<String> living = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      living.add(instance("pool", "living-" + i).queueName());
    }
    ExecutorService threads = Executors.newFixedThreadPool(10);
    try {
      List<Future<SweepResult>> sweeps =
          threads.invokeAll(Collections.nCopies(10, (Callable<SweepResult>) this::sweep));
      List<String> removed = new ArrayList<>();
      for (Future<SweepResult> each : sweeps) {
        assertThat(each.get().names(Outcome.FAILED)).isEmpty();
        removed.addAll(each.get().names(Outcome.REMOVED));
      }
      // Deleted by one sweep each, though all may have unsubscribed it.
      assertThat(removed).hasSize(20).doesNotHaveDuplicates();
      assertThat(sqs.queues.keySet()).containsExactlyElementsOf(living);
      assertThat(sns.subscriptions).hasSize(5);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void prefixAndAgeAreChecked() {
    assertThatThrownBy(() -> Broadcast.sweep("po ol", HOUR, sqs, sns))
        .hasMessageStartingWith("prefix must be");
    assertThatThrownBy(() -> Broadcast.dryRun("pool", Duration.ofSeconds(-1), sqs, sns))
        .hasMessageStartingWith("olderThan must be");
  }

  @Test
  void restartedInstanceKeepsAQueueThatASweepIsJustDeleting() throws Exception {
    instance("pool", "back");
    clock.advance(Duration.ofDays(1));
    CountDownLatch subscribed = new CountDownLatch(1);
    CountDownLatch deleted = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    Thread restart =
        new Thread(
            () -> {
              instance("pool", "back");
              subscribed.countDown();
            },
            "restart");
    sqs.before =
        (call, what) -> {
          if (call.equals("DeleteQueue")) {
            // The sweep has looked for the last time: only now is the instance started.
            restart.start();
            await(subscribed);
          } else if (Thread.currentThread() == restart
              && call.equals("ListQueueTags")
              && looks.incrementAndGet() == 3) {
            // Whose queue it is, who was at it; and now whether it still stands.
            subscribed.countDown();
            await(deleted);
          }
        };

    assertThat(sweep().names(Outcome.REMOVED)).containsExactly("pool-back");
    deleted.countDown();
    restart.join();

    assertThat(sqs.queues).containsOnlyKeys("pool-back");
    assertThat(sns.subscriptions).hasSize(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void clockThatIsADayFastSweepsNobodyAway() {
    instance("pool", "living");
    sqs.ahead = Duration.ofDays(-1);
    clock.advance(Duration.ofDays(1));

    assertThat(sweep().toString()).contains("kept pool-living: leased until ");
    assertThat(sqs.queues).containsOnlyKeys("pool-living");
  }

  @Test
  void subscriptionToATopicOfBeforeIsEndedToo() {
    BroadcastQueue dead = instance("pool", "dead");
    sqs.queues.get("pool-dead").tags.put("multisqs:topic", TOPIC + "2");
    sqs.queues.get("pool-dead").tags.put("multisqs:former-topic", TOPIC);
    assertThat(sns.subscriptions).containsOnlyKeys(dead.subscriptionArn());
    clock.advance(Duration.ofDays(1));

    assertThat(sweep().names(Outcome.REMOVED)).containsExactly("pool-dead");

    assertThat(sns.subscriptions).isEmpty();
  }

  @Test
  void queueThatIsReceivedFromAtTheLastMomentIsKept() {
    instance("pool", "dead");
    clock.advance(Duration.ofDays(1));
    sqs.before =
        (call, what) -> {
          if (call.equals("TagQueue")) {
            sqs.queues
                .get("pool-dead")
                .attributes
                .put(QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE, "1");
          }
        };

    assertThat(sweep().toString()).contains("kept pool-dead: ", "1 messages are in flight");
    assertThat(sns.subscriptions).hasSize(1);
  }

  @Test
  void sweepLooksAtTenQueuesASecond() {
    for (int i = 0; i < 21; i++) {
      instance("pool", "i-" + i);
    }
    Duration before = clock.elapsed();

    sweep();

    assertThat(clock.elapsed().minus(before)).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void sweepEndsWhereSqsThrottles() {
    for (int i = 0; i < 5; i++) {
      instance("pool", "i-" + i);
    }
    clock.advance(Duration.ofDays(1));
    calls.clear();
    sqs.before =
        (call, what) -> {
          if (call.equals("ListQueueTags")) {
            throw FakeSqs.refusal("RequestThrottled");
          }
        };

    SweepResult result = sweep();

    assertThat(result.names(Outcome.FAILED)).hasSize(1);
    assertThat(result.names(Outcome.KEPT)).hasSize(4);
    assertThat(result.toString()).contains("not looked at, as SQS or SNS throttles");
    assertThat(calls).filteredOn(c -> c.startsWith("ListQueueTags")).hasSize(1);
  }
}
