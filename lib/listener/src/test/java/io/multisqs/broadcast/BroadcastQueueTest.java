package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sns.model.NotFoundException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDeletedRecentlyException;

class BroadcastQueueTest {
  private static final String TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders";
  private static final String QUEUE = "pool-i-1";

  private final StepClock clock = new StepClock();
  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private final FakeSqs sqs = new FakeSqs(clock::instant, calls);
  private final FakeSns sns = new FakeSns(calls);

  private BroadcastOptions.Builder options() {
    return BroadcastOptions.builder("pool")
        .instance("i-1")
        .sqsClient(sqs)
        .snsClient(sns)
        .clock(clock);
  }

  private BroadcastQueue subscribe() {
    return BroadcastQueue.subscribe(TOPIC, options().build());
  }

  /** A queue that an instance of the same name left behind when it died. */
  private FakeSqs.Queue leftBehind() {
    BroadcastQueue dead = subscribe(); // and never closed; its renewal waits on the clock for ever
    assertThat(dead.repairs()).isEmpty();
    calls.clear();
    return sqs.queues.get(QUEUE);
  }

  @Test
  void queueIsCreatedWithPolicyAndTagsAndSubscribedOnlyThen() {
    BroadcastQueue queue =
        BroadcastQueue.subscribe(TOPIC, options().tags(Map.of("team", "red")).build());

    assertThat(calls)
        .containsExactly(
            "CreateQueue " + QUEUE,
            "ListQueueTags " + QUEUE,
            "GetQueueAttributes " + QUEUE,
            "Subscribe " + QUEUE,
            "GetSubscriptionAttributes s0");
    FakeSqs.Queue made = sqs.queues.get(QUEUE);
    assertThat(made.attributes)
        .containsEntry(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "3600")
        .containsEntry(QueueAttributeName.VISIBILITY_TIMEOUT, "30")
        .doesNotContainKeys(QueueAttributeName.KMS_MASTER_KEY_ID, QueueAttributeName.FIFO_QUEUE);
    assertThat(made.attributes.get(QueueAttributeName.POLICY))
        .contains("\"aws:SourceArn\":\"" + TOPIC + "\"");
    assertThat(made.tags)
        .containsEntry("team", "red")
        .containsEntry("multisqs:made-by", "multi-sqs-listener/broadcast")
        .containsEntry("multisqs:made-at", "2030-01-01T00:00:00Z")
        .containsEntry("multisqs:prefix", "pool")
        .containsEntry("multisqs:instance", "i-1")
        .containsEntry("multisqs:topic", TOPIC)
        .containsEntry("multisqs:lease-until", "2030-01-01T00:10:00Z")
        .containsKey("multisqs:owner");
    assertThat(sns.subscriptions.get(queue.subscriptionArn()))
        .containsEntry("RawMessageDelivery", "true")
        .doesNotContainKey("FilterPolicy");
    assertThat(queue.repairs()).isEmpty();
    queue.close();
  }

  @Test
  void newQueueIsLeftAloneForASecond() {
    subscribe().close();

    assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void configNamesTheQueueWithRegionBusAndPriority() {
    BroadcastQueue queue = subscribe();

    assertThat(queue.config())
        .isEqualTo(
            SqsListenerConfig.builder(FakeSqs.URL + QUEUE)
                .region("eu-west-1")
                .bus("broadcast-bus")
                .priority(10)
                .build());
    queue.close();
  }

  @Test
  void queueOfAFifoTopicIsFifo() {
    BroadcastQueue queue = BroadcastQueue.subscribe(TOPIC + ".fifo", options().build());

    assertThat(queue.queueName()).isEqualTo(QUEUE + ".fifo");
    assertThat(sqs.queues.get(QUEUE + ".fifo").attributes)
        .containsEntry(QueueAttributeName.FIFO_QUEUE, "true");
    queue.close();
  }

  @Test
  void queueIsEncryptedWithTheKeyAskedFor() {
    BroadcastQueue queue =
        BroadcastQueue.subscribe(TOPIC, options().kmsKeyId("alias/pool").build());

    assertThat(sqs.queues.get(QUEUE).attributes)
        .containsEntry(QueueAttributeName.KMS_MASTER_KEY_ID, "alias/pool");
    queue.close();
  }

  @Test
  void restartedInstanceTakesItsQueueOver() {
    FakeSqs.Queue left = leftBehind();
    clock.advance(Duration.ofHours(1));

    BroadcastQueue queue = subscribe();

    assertThat(sqs.queues.get(QUEUE)).isSameAs(left);
    assertThat(left.tags)
        .containsEntry("multisqs:made-at", "2030-01-01T00:00:00Z")
        .containsEntry("multisqs:lease-until", clock.instant().plusSeconds(600).toString());
    assertThat(sns.subscriptions).hasSize(1);
    assertThat(queue.repairs()).isEmpty();
    assertThat(calls).noneMatch(c -> c.startsWith("Set"));
    queue.close();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void driftOfATakenOverQueueIsRepairedAndReported() {
    FakeSqs.Queue left = leftBehind();
    left.attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, "300");
    left.attributes.put(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "60");
    String subscription = sns.subscriptions.keySet().iterator().next();
    sns.subscriptions.get(subscription).put("RawMessageDelivery", "false");
    sns.subscriptions.get(subscription).put("FilterPolicy", "{\"a\":[\"b\"]}");

    BroadcastQueue queue = subscribe();

    assertThat(left.attributes)
        .containsEntry(QueueAttributeName.VISIBILITY_TIMEOUT, "30")
        .containsEntry(QueueAttributeName.MESSAGE_RETENTION_PERIOD, "3600");
    assertThat(sns.subscriptions.get(subscription))
        .containsEntry("RawMessageDelivery", "true")
        .containsEntry("FilterPolicy", "{}");
    assertThat(queue.repairs())
        .containsExactlyInAnyOrder(
            "VisibilityTimeout was 300, is 30",
            "MessageRetentionPeriod was 60, is 3600",
            "RawMessageDelivery was false, is true",
            "FilterPolicy was {\"a\":[\"b\"]}, is {}");
    queue.close();
  }

  @Test
  void policyThatStandsIsExtendedAndTheChangeAwaited() {
    FakeSqs.Queue left = leftBehind();
    left.attributes.put(
        QueueAttributeName.POLICY,
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"audit\",\"Effect\":\"Allow\","
            + "\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"sqs:GetQueueAttributes\","
            + "\"Resource\":\"*\"}]}");
    Duration before = clock.elapsed();

    BroadcastQueue queue = subscribe();

    assertThat(left.attributes.get(QueueAttributeName.POLICY))
        .contains("\"Sid\":\"audit\"", "111122223333", "sns.amazonaws.com", TOPIC);
    assertThat(clock.elapsed().minus(before)).isEqualTo(Duration.ofSeconds(60));
    assertThat(queue.repairs()).singleElement().asString().startsWith("Policy was ");
    queue.close();
  }

  @Test
  void encryptionThatWasNotAskedForIsLeftAsItIs() {
    FakeSqs.Queue left = leftBehind();
    left.attributes.put(QueueAttributeName.KMS_MASTER_KEY_ID, "alias/theirs");

    subscribe();

    assertThat(left.attributes).containsEntry(QueueAttributeName.KMS_MASTER_KEY_ID, "alias/theirs");
  }

  @Test
  void queueThatThisLibraryDidNotMakeIsRefusedAndLeftAsItIs() {
    FakeSqs.Queue foreign = new FakeSqs.Queue();
    foreign.attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, "77");
    sqs.queues.put(QUEUE, foreign);

    assertThatThrownBy(this::subscribe)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "queue pool-i-1 stands already and was not made for broadcasts with prefix pool: it was"
                + " left as it is; choose another prefix or instance name");

    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
    assertThat(foreign.attributes)
        .containsOnly(Map.entry(QueueAttributeName.VISIBILITY_TIMEOUT, "77"));
    assertThat(foreign.tags).isEmpty();
  }

  @Test
  void topicOfBeforeIsLeftWhenTheInstanceComesBackWithAnother() {
    leftBehind();

    BroadcastQueue queue = BroadcastQueue.subscribe(TOPIC + "2", options().build());

    assertThat(sns.subscriptions).hasSize(1).containsKey(queue.subscriptionArn());
    assertThat(queue.subscriptionArn()).startsWith(TOPIC + "2:");
    assertThat(queue.repairs()).contains("topic was " + TOPIC + ", is " + TOPIC + "2");
    queue.close();
  }

  @Test
  void queueDeletedAMomentAgoIsWaitedFor() {
    subscribe().close();
    Duration before = clock.elapsed();

    BroadcastQueue queue = subscribe();

    // 60 s, found at the next try, and the second that a new queue is left alone.
    assertThat(clock.elapsed().minus(before))
        .isBetween(Duration.ofSeconds(61), Duration.ofSeconds(66));
    queue.close();
  }

  @Test
  void waitForADeletedNamesakeHasAnEnd() {
    sqs.before =
        (call, queue) -> {
          if (call.equals("CreateQueue")) {
            throw QueueDeletedRecentlyException.builder().message("wait 60 seconds").build();
          }
        };

    assertThatThrownBy(this::subscribe).isInstanceOf(QueueDeletedRecentlyException.class);
    assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(75));
  }

  @Test
  void queueThatASweepRemovesDuringTheTakeOverIsCreatedAnew() {
    FakeSqs.Queue left = leftBehind();
    left.attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, "300");
    AtomicBoolean swept = new AtomicBoolean();
    sqs.before =
        (call, queue) -> {
          if (call.equals("SetQueueAttributes") && swept.compareAndSet(false, true)) {
            sqs.queues.remove(QUEUE);
          }
        };

    BroadcastQueue queue = subscribe();

    assertThat(sqs.queues.get(QUEUE)).isNotNull().isNotSameAs(left);
    queue.close();
  }

  @Test
  void queueIsDeletedAgainWhenItCannotBeSubscribed() {
    assertThatThrownBy(
            () ->
                BroadcastQueue.subscribe(
                    "arn:aws:sns:eu-west-1:123456789012:gone", options().build()))
        .isInstanceOf(NotFoundException.class);

    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void takenOverQueueStaysWhenItCannotBeSubscribed() {
    leftBehind();
    sns.before =
        (call, what) -> {
          if (call.equals("Subscribe")) {
            throw NotFoundException.builder().message("no topic").build();
          }
        };

    assertThatThrownBy(this::subscribe).isInstanceOf(NotFoundException.class);

    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
  }

  @Test
  void subscriptionThatAwaitsAConfirmationIsRefused() {
    sns.pending = "true";

    assertThatThrownBy(this::subscribe)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("awaits a confirmation");
  }

  @Test
  void leaseIsRenewed() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    clock.advance(Duration.ofMinutes(5));

    assertThat(queue.renewNow()).isTrue();

    assertThat(sqs.queues.get(QUEUE).tags)
        .containsEntry("multisqs:lease-until", clock.instant().plusSeconds(600).toString());
    queue.close();
  }

  @Test
  void failedRenewalIsTriedAgain() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    sqs.before =
        (call, name) -> {
          throw FakeSqs.refusal("RequestThrottled");
        };
    assertThat(queue.renewNow()).isFalse();
    sqs.before = (call, name) -> {};
    assertThat(queue.renewNow()).isTrue();
    queue.close();
  }

  @Test
  void queueThatWasTakenAwayIsBroughtBack() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    sqs.queues.clear();
    sns.subscriptions.clear();

    assertThat(queue.renewNow()).isTrue();

    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
    assertThat(sns.subscriptions).containsOnlyKeys(queue.subscriptionArn());
    queue.close();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void subscriptionThatWasTakenAwayIsBroughtBack() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    sns.subscriptions.clear();

    assertThat(queue.renewNow()).isTrue();

    assertThat(sns.subscriptions).containsOnlyKeys(queue.subscriptionArn());
    queue.close();
  }

  @Test
  void closeUnsubscribesBeforeItDeletes() {
    BroadcastQueue queue = subscribe();
    calls.clear();

    queue.close();
    queue.close();

    assertThat(calls)
        .filteredOn(c -> c.startsWith("Unsubscribe") || c.startsWith("DeleteQueue"))
        .containsExactly("Unsubscribe s0", "DeleteQueue " + QUEUE);
    assertThat(sqs.queues).isEmpty();
    assertThat(sns.subscriptions).isEmpty();
  }

  @Test
  void secondCloseWaitsForTheFirst() throws Exception {
    BroadcastQueue queue = subscribe();
    CountDownLatch deleting = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    sqs.before =
        (call, name) -> {
          if (call.equals("DeleteQueue")) {
            deleting.countDown();
            awaitUninterrupted(mayGoOn);
          }
        };
    Thread first = new Thread(queue::close);
    first.start();
    deleting.await();
    Thread second = new Thread(queue::close);
    second.start();
    await().until(() -> second.getState() == Thread.State.WAITING);

    mayGoOn.countDown();
    second.join();

    assertThat(sqs.queues).isEmpty();
    first.join();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void leaveKeepsTheQueue() {
    BroadcastQueue queue = subscribe();

    queue.leave();

    assertThat(sns.subscriptions).isEmpty();
    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
    queue.close();
    assertThat(sqs.queues).isEmpty();
    assertThat(calls).filteredOn(c -> c.startsWith("Unsubscribe")).hasSize(1);
  }

  @Test
  void closeLeavesAQueueThatAnotherProcessTookOver() throws InterruptedException {
    BroadcastQueue old = subscribe();
    BroadcastQueue young = subscribe();

    assertThat(old.renewNow()).isTrue();
    old.close();

    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
    assertThat(sns.subscriptions).containsOnlyKeys(young.subscriptionArn());
    young.close();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void closeOfAQueueThatIsGoneEndsTheSubscription() {
    BroadcastQueue queue = subscribe();
    sqs.queues.clear();

    queue.close();

    assertThat(sns.subscriptions).isEmpty();
  }

  @Test
  void closeDoesNotThrowWhenSqsRefuses() {
    BroadcastQueue queue = subscribe();
    sqs.before =
        (call, name) -> {
          throw FakeSqs.refusal("AccessDenied");
        };

    queue.close();

    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
  }

  @Test
  void queueIsNotBroughtBackOnceItIsClosed() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    queue.close();
    AtomicInteger created = new AtomicInteger();
    sqs.before =
        (call, name) -> {
          if (call.equals("CreateQueue")) {
            created.incrementAndGet();
          }
        };

    queue.renewNow();

    assertThat(created).hasValue(0);
  }

  @Test
  void otherThanATopicsArnIsRefused() {
    assertThatThrownBy(() -> BroadcastQueue.subscribe("orders", options().build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("topic ARN must be arn:aws:sns:REGION:ACCOUNT:NAME, was orders");
    assertThatThrownBy(() -> BroadcastQueue.subscribe(TOPIC + "o".repeat(220), options().build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("256 characters");
  }
}
