package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.SqsListenerConfig;
import io.multisqs.testlog.Lines;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.sns.model.NotFoundException;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDeletedRecentlyException;
import software.amazon.awssdk.services.sqs.model.SqsException;

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
    // And never closed; its renewal waits on the clock for ever.
    BroadcastQueue dead = subscribe().asOfAnotherProcess();
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
                .sqsClient(sqs)
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
    BroadcastQueue old = subscribe().asOfAnotherProcess();
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

  private void fail(String call, int times) {
    AtomicInteger left = new AtomicInteger(times);
    BiConsumer<String, String> refuse =
        (called, what) -> {
          if (called.equals(call) && left.getAndDecrement() > 0) {
            throw FakeSqs.refusal("InternalError");
          }
        };
    sqs.before = refuse;
    sns.before = refuse;
  }

  private Map<String, String> tags() {
    return sqs.queues.get(QUEUE).tags;
  }

  /** What another process of the same name would write, with a lease for so long. */
  private void takenByAnother(Duration lease) {
    tags().put("multisqs:owner", "another");
    tags().put("multisqs:lease-until", clock.instant().plus(lease).toString());
  }

  @Test
  void closeOnAnInterruptedThreadStillRemovesQueueAndSubscription() {
    BroadcastQueue queue = subscribe();
    Thread.currentThread().interrupt();

    queue.close();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(sqs.queues).isEmpty();
    assertThat(sns.subscriptions).isEmpty();
  }

  @Test
  void stopOnAnInterruptedThreadStillRemovesQueueAndSubscription() {
    BroadcastQueue queue = subscribe();
    Thread.currentThread().interrupt();

    queue.stop(neverStarted(), Duration.ofSeconds(1));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(sqs.queues).isEmpty();
    assertThat(sns.subscriptions).isEmpty();
  }

  @Test
  void subscribeThatIsInterruptedLeavesNothing() {
    sns.before =
        (call, what) -> {
          if (call.equals("GetSubscriptionAttributes")) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("Thread was interrupted");
          }
        };

    assertThatThrownBy(this::subscribe).isInstanceOf(AbortedException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(sqs.queues).isEmpty();
    assertThat(sns.subscriptions).isEmpty();
  }

  private static MultiSqsListener neverStarted() {
    return MultiSqsListener.of(
        List.of(SqsListenerConfig.of("work")),
        ListenerOptions.builder().build(),
        (queue, bus, priority, message) -> {});
  }

  @Test
  void stopTriesToLeaveAgain() {
    BroadcastQueue queue = subscribe();
    fail("Unsubscribe", 2);

    queue.stop(neverStarted(), Duration.ofSeconds(30));

    assertThat(sns.subscriptions).isEmpty();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void leaseIsRenewedWhileTheQueueIsWorkedOff() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    queue.leave();
    clock.advance(Duration.ofMinutes(9));

    assertThat(queue.renewNow()).isTrue();

    assertThat(tags())
        .containsEntry("multisqs:lease-until", clock.instant().plusSeconds(600).toString());
    assertThat(sns.subscriptions).as("subscribed again").isEmpty();
    queue.close();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void queueThatWasLeftIsNotBroughtBack() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    queue.leave();
    sqs.queues.clear();

    assertThat(queue.renewNow()).isTrue();

    assertThat(sqs.queues).isEmpty();
    queue.close();
  }

  @Test
  void leaveThatFailsChangesNothing() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    fail("Unsubscribe", 1);
    assertThatThrownBy(queue::leave).isInstanceOf(SqsException.class);
    sns.subscriptions.clear();

    assertThat(queue.renewNow()).isTrue();

    assertThat(sns.subscriptions).containsOnlyKeys(queue.subscriptionArn());
    queue.close();
  }

  @Test
  void nothingIsLeftWhenTheSubscriptionCannotBeLookedAt() {
    fail("GetSubscriptionAttributes", 1);

    assertThatThrownBy(this::subscribe).isInstanceOf(SqsException.class);

    assertThat(sns.subscriptions).isEmpty();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void nothingIsLeftWhenTheNewQueueCannotBeLookedAt() {
    fail("GetQueueAttributes", 1);

    assertThatThrownBy(this::subscribe).isInstanceOf(SqsException.class);

    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void topicOfBeforeIsLeftEvenIfTheFirstTryFailed() {
    leftBehind();
    fail("Subscribe", 1);
    assertThatThrownBy(() -> BroadcastQueue.subscribe(TOPIC + "2", options().build()))
        .isInstanceOf(SqsException.class);

    BroadcastQueue queue = BroadcastQueue.subscribe(TOPIC + "2", options().build());

    assertThat(sns.subscriptions).containsOnlyKeys(queue.subscriptionArn());
    assertThat(tags()).containsEntry("multisqs:former-topic", "");
    queue.close();
  }

  @Test
  void secondTopicWithTheSameOptionsIsRefused() {
    BroadcastQueue first = subscribe();

    assertThatThrownBy(() -> BroadcastQueue.subscribe(TOPIC + "2", options().build()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "queue pool-i-1 is open in this JVM already, subscribed to "
                + TOPIC
                + ": close that one first, and give each topic a prefix of its own");

    assertThat(sns.subscriptions).containsOnlyKeys(first.subscriptionArn());
    first.close();
    BroadcastQueue.subscribe(TOPIC + "2", options().build()).close();
  }

  @Test
  void tagsThatWereTakenOffAreWrittenAgain() throws InterruptedException {
    BroadcastQueue queue =
        BroadcastQueue.subscribe(TOPIC, options().tags(Map.of("team", "red")).build());
    Map<String, String> before = Map.copyOf(tags());
    tags().clear();

    assertThat(queue.renewNow()).isTrue();

    Map<String, String> after = new HashMap<>(before);
    after.put("multisqs:lease-until", clock.instant().plusSeconds(600).toString());
    assertThat(tags()).isEqualTo(after);
    queue.close();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void strangersQueueOfTheSameNameIsNotTagged() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    FakeSqs.Queue strangers = new FakeSqs.Queue();
    strangers.attributes.put(QueueAttributeName.CREATED_TIMESTAMP, "99");
    sqs.queues.put(QUEUE, strangers);

    assertThat(queue.renewNow()).isTrue();
    queue.close();

    assertThat(strangers.tags).isEmpty();
    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
  }

  @Test
  void queueOfASuccessorIsLeftAloneWhileThatOneLives() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    takenByAnother(Duration.ofMinutes(10));
    calls.clear();

    assertThat(queue.renewNow()).isTrue();

    assertThat(calls).containsExactly("ListQueueTags " + QUEUE);
    queue.close();
    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
  }

  @Test
  void queueIsTakenBackFromASuccessorThatDied() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    takenByAnother(Duration.ofMinutes(10));
    queue.renewNow();
    clock.advance(Duration.ofMinutes(11));

    assertThat(queue.renewNow()).isTrue();

    assertThat(tags().get("multisqs:owner")).isNotEqualTo("another");
    queue.close();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void queueIsMadeAgainWhenTheSuccessorHasTakenItAway() throws InterruptedException {
    BroadcastQueue queue = subscribe();
    takenByAnother(Duration.ofMinutes(10));
    queue.renewNow();
    sqs.queues.clear();
    sns.subscriptions.clear();

    assertThat(queue.renewNow()).isTrue();

    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
    assertThat(sns.subscriptions).containsOnlyKeys(queue.subscriptionArn());
    queue.close();
  }

  @Test
  void revivalDoesNotTakeTheQueueFromItsSuccessor() throws InterruptedException {
    BroadcastQueue old = subscribe().asOfAnotherProcess();
    sqs.queues.clear();
    AtomicReference<BroadcastQueue> young = new AtomicReference<>();
    AtomicReference<String> owner = new AtomicReference<>();
    sqs.before =
        (call, queue) -> {
          if (call.equals("CreateQueue") && young.get() == null) {
            sqs.before = (other, any) -> {};
            young.set(subscribe().asOfAnotherProcess());
            owner.set(tags().get("multisqs:owner"));
          }
        };

    assertThat(old.renewNow()).isTrue();

    assertThat(tags()).containsEntry("multisqs:owner", owner.get());
    old.close();
    assertThat(sqs.queues).containsOnlyKeys(QUEUE);
    young.get().close();
    assertThat(sqs.queues).isEmpty();
  }

  @Test
  void takenOverQueueIsLookedAtSoonAgain() {
    BroadcastQueue fresh = subscribe();
    assertThat(fresh.untilRenewal(0)).isEqualTo(Duration.ofMinutes(2));
    fresh.abandon();

    BroadcastQueue taken = subscribe();

    assertThat(taken.untilRenewal(0)).isEqualTo(Duration.ofSeconds(5));
    assertThat(taken.untilRenewal(1)).isEqualTo(Duration.ofSeconds(60));
    assertThat(taken.untilRenewal(2)).isEqualTo(Duration.ofMinutes(2));
    taken.close();
  }

  @Test
  void takeOverThatAnotherProcessOvertookIsRefused() {
    leftBehind();
    sns.before =
        (call, what) -> {
          if (call.equals("Subscribe")) {
            takenByAnother(Duration.ofMinutes(10));
          }
        };

    assertThatThrownBy(this::subscribe)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("taken over by another process");

    assertThat(tags()).containsEntry("multisqs:owner", "another");
  }

  @Test
  void leaseOfASlowClockIsWrittenBySqssTime() throws InterruptedException {
    sqs.ahead = Duration.ofHours(1);
    BroadcastQueue queue = subscribe();
    Instant leased = Instant.parse(tags().get("multisqs:lease-until"));
    assertThat(leased).isAfter(StepClock.START.plus(Duration.ofMinutes(69)));

    clock.advance(Duration.ofMinutes(1));
    queue.renewNow();

    assertThat(Instant.parse(tags().get("multisqs:lease-until"))).isAfter(leased.plusSeconds(55));
    queue.close();
  }

  @Test
  void attributesThatWouldDelayOrLoseMessagesAreRepaired() {
    FakeSqs.Queue left = leftBehind();
    left.attributes.put(QueueAttributeName.DELAY_SECONDS, "900");
    left.attributes.put(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, "1024");

    BroadcastQueue queue = subscribe();

    assertThat(left.attributes)
        .containsEntry(QueueAttributeName.DELAY_SECONDS, "0")
        .containsEntry(QueueAttributeName.MAXIMUM_MESSAGE_SIZE, "262144");
    assertThat(queue.repairs())
        .containsExactlyInAnyOrder(
            "DelaySeconds was 900, is 0", "MaximumMessageSize was 1024, is 262144");
    queue.close();
  }

  @Test
  void whatOthersMayHaveMeantIsReportedAndStays() {
    FakeSqs.Queue left = leftBehind();
    left.attributes.put(QueueAttributeName.KMS_MASTER_KEY_ID, "alias/theirs");
    String theirs =
        "{\"Sid\":\"billing\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},"
            + "\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}";
    String policy = left.attributes.get(QueueAttributeName.POLICY);
    String ours = policy.substring(policy.indexOf("\"Statement\":") + 12, policy.length() - 1);
    left.attributes.put(
        QueueAttributeName.POLICY,
        "{\"Version\":\"2012-10-17\",\"Statement\":[" + theirs + "," + ours + "]}");

    BroadcastQueue queue = subscribe();

    assertThat(queue.repairs())
        .containsExactlyInAnyOrder(
            "KmsMasterKeyId is alias/theirs, though none was asked for, and stays",
            "Policy lets others send, by its statement billing, which stays");
    assertThat(left.attributes.get(QueueAttributeName.POLICY)).contains("billing");
    queue.close();
  }

  @Test
  void filterThatDiffersInABlankWithinAWordIsRepaired() {
    FakeSqs.Queue left = leftBehind();
    String subscription = sns.subscriptions.keySet().iterator().next();
    sns.subscriptions
        .get(subscription)
        .putAll(
            Map.of("FilterPolicy", "{\"a\":[\"re load\"]}", "FilterPolicyScope", "MessageBody"));

    BroadcastQueue queue =
        BroadcastQueue.subscribe(TOPIC, options().filterPolicy("{ \"a\": [\"reload\"] }").build());

    assertThat(sns.subscriptions.get(subscription))
        .containsEntry("FilterPolicy", "{ \"a\": [\"reload\"] }")
        .containsEntry("FilterPolicyScope", "MessageAttributes");
    queue.abandon();
    clock.advance(Duration.ofMinutes(1));
    sns.subscriptions.get(subscription).put("FilterPolicy", "{\"a\":[\"reload\"]}");
    assertThat(
            BroadcastQueue.subscribe(
                    TOPIC, options().filterPolicy("{ \"a\": [\"reload\"] }").build())
                .repairs())
        .isEmpty();
    assertThat(sqs.queues.get(QUEUE)).isSameAs(left);
  }

  @Test
  void renewalThatHangsIsInterruptedAndDoesNotHoldUpTheClose() throws Exception {
    BroadcastQueue queue = subscribe();
    CountDownLatch hanging = new CountDownLatch(1);
    sqs.before =
        (call, name) -> {
          if (call.equals("TagQueue")) {
            hanging.countDown();
            awaitForEver();
          }
        };
    Thread lease = new Thread(() -> renew(queue));
    lease.start();
    hanging.await();

    long began = System.nanoTime();
    queue.stop(neverStarted(), Duration.ofSeconds(4));

    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(9));
    assertThat(sqs.queues).isEmpty();
    lease.join(Duration.ofSeconds(20).toMillis());
    assertThat(lease.isAlive()).as("still in its call").isFalse();
  }

  private static void renew(BroadcastQueue queue) {
    try {
      queue.renewNow();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void awaitForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AbortedException.create("Thread was interrupted", e);
    }
  }

  @Test
  void whatCannotBeBroughtBackIsToldOnce() throws InterruptedException {
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    Lines.Sink sink = (logger, line) -> told.add(line.replaceFirst(":.*", ""));
    BroadcastQueue queue = subscribe();
    sqs.queues.clear();
    fail("CreateQueue", 5);
    Lines.add(sink);
    try {
      for (int i = 0; i < 5; i++) {
        assertThat(queue.renewNow()).isFalse();
      }
      assertThat(queue.renewNow()).isTrue();
    } finally {
      Lines.remove(sink);
    }

    assertThat(told)
        .containsExactly(
            "ERROR queue pool-i-1 is gone, though its lease was held",
            "WARN the lease of queue pool-i-1 could not be renewed and is tried again; past its end"
                + " of 600 s a sweep may remove the queue",
            "INFO queue pool-i-1 stands for arn",
            "INFO the lease of queue pool-i-1 is renewed again");
    queue.close();
  }
}
