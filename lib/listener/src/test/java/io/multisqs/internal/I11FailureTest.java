package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.FailureAction;
import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.PriorityPolicy;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.TransientException;
import io.multisqs.YieldException;
import io.multisqs.testkit.Fault;
import io.multisqs.testkit.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeNameForSends;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeValue;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

@Tag("I11")
class I11FailureTest {
  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));
  private final List<FailureAction> actions = new ArrayList<>();

  @AfterEach
  void close() {
    listener.close();
  }

  /** A handler that throws this on the first receive, and succeeds on the second. */
  private void failsOnce(RetryPolicy policy, Throwable failure) {
    listener
        .queue(SqsListenerConfig.builder("q").retry(policy).build())
        .options(reporting())
        .handler(
            message -> {
              if (message.receiveCount() == 1) {
                sneak(failure);
              }
            });
    listener.send("q", "a");
  }

  private ListenerOptions.Builder reporting() {
    return ListenerOptions.builder()
        .events(
            new ListenerEvents() {
              @Override
              public void failed(
                  ReceivedMessage message,
                  Throwable failure,
                  FailureAction action,
                  Duration elapsed) {
                actions.add(action);
              }
            });
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneak(Throwable failure) throws T {
    throw (T) failure;
  }

  /** From the first start to the second. */
  private Duration retriedAfter() {
    listener.start().runUntilStarted(2);
    return listener.starts.get(1).at().minus(listener.starts.get(0).at());
  }

  private final IOException broken = new IOException("as told");

  @Test
  void retryAfterAFixedDelay() {
    failsOnce(RetryPolicy.fixed(Duration.ofSeconds(70)), broken);
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(70), Duration.ofMillis(70_100));
    assertThat(actions).containsExactly(new FailureAction.RetryAfter(Duration.ofSeconds(70)));
  }

  @Test
  void fractionsOfASecondAreRoundedUp() {
    failsOnce(RetryPolicy.fixed(Duration.ofMillis(1200)), broken);
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(2), Duration.ofMillis(2_100));
  }

  @Test
  void retryAtOnce() {
    failsOnce(RetryPolicy.atOnce(), broken);
    assertThat(retriedAfter()).isLessThan(Duration.ofMillis(100));
  }

  @Test
  void retryWhenTheVisibilityTimeoutRunsOut() {
    failsOnce(RetryPolicy.whenVisibilityTimeoutRunsOut(), broken);
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(29), Duration.ofMillis(30_100));
    assertThat(listener.way.visibilityCalls).isEmpty();
    assertThat(actions).containsExactly(new FailureAction.LeaveToTimeout());
  }

  @Test
  void discard() {
    failsOnce(RetryPolicy.discard(), broken);
    listener.start().runFor(Duration.ofMinutes(2));
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.left("q")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.discarded()).isOne();
    assertThat(account.addsUp()).isTrue();
  }

  @Test
  void toTheDeadLetterQueueNow() {
    withDeadLetterQueue();
    listener.start().runFor(Duration.ofMinutes(2));
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.left("q")).isZero();
    assertThat(listener.sqs.messages("dead")).extracting("body").containsExactly("a");
    var dead =
        listener
            .sqs
            .receiveMessage(r -> r.queueUrl(listener.url("dead")).messageAttributeNames("All"))
            .messages()
            .get(0);
    assertThat(dead.messageAttributes().get("multisqs.source").stringValue())
        .isEqualTo(listener.sqs.arn("q"));
    assertThat(dead.messageAttributes().get("multisqs.failure").stringValue())
        .isEqualTo(IOException.class.getName());
    assertThat(dead.messageAttributes()).containsKey("multisqs.messageId");
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.deadLettered()).isOne();
    assertThat(account.addsUp()).isTrue();
  }

  private void withDeadLetterQueue() {
    listener.sqs.createQueue("dead");
    listener
        .queue(
            SqsListenerConfig.builder("q").retry(RetryPolicy.deadLetter()).build(),
            Map.of(
                QueueAttributeName.REDRIVE_POLICY,
                "{\"deadLetterTargetArn\":\""
                    + listener.sqs.arn("dead")
                    + "\",\"maxReceiveCount\":\"10\"}"))
        .options(reporting())
        .handler(
            message -> {
              if (message.receiveCount() == 1) {
                throw broken;
              }
            });
    listener.send("q", "a");
  }

  @Test
  void whatCannotBeDeadLetteredIsRetriedAndNotDeleted() {
    withDeadLetterQueue();
    listener.sqs.faults().next(Operation.SEND, Fault.timeout());
    listener.start().runFor(Duration.ofMinutes(1));
    assertThat(listener.order()).containsExactly("a", "a");
    assertThat(actions).hasOnlyElementsOfType(FailureAction.RetryAfter.class);
    assertThat(listener.left("dead")).isZero();
  }

  @Test
  void aDeadLetterQueueThatComesLaterIsFound() {
    listener.sqs.createQueue("dead");
    failsAlways(Map.of());
    listener.start().runFor(Duration.ofSeconds(1));
    assertThat(listener.left("dead")).isZero();
    redriveTo("dead");
    listener.runFor(Duration.ofMinutes(1));
    assertThat(listener.sqs.messages("dead")).extracting("body").containsExactly("a");
    assertThat(listener.left("q")).isZero();
  }

  private void redriveTo(String queue) {
    listener.sqs.setQueueAttributes(
        r ->
            r.queueUrl(listener.url("q"))
                .attributes(Map.of(QueueAttributeName.REDRIVE_POLICY, redrivePolicy(queue))));
  }

  @Test
  void aRedrivePolicyThatNamesAnotherQueueLaterIsFollowed() {
    listener.sqs.createQueue("dead");
    listener.sqs.createQueue("other");
    failsAlways(Map.of(QueueAttributeName.REDRIVE_POLICY, redrivePolicy("dead")));
    listener.start().runFor(Duration.ofSeconds(1));
    redriveTo("other");
    listener.runFor(Duration.ofMinutes(4));
    listener.send("q", "within five minutes");
    listener.runFor(Duration.ofMinutes(2));
    listener.send("q", "after that");
    listener.runFor(Duration.ofSeconds(1));
    assertThat(listener.sqs.messages("dead"))
        .extracting("body")
        .containsExactly("a", "within five minutes");
    assertThat(listener.sqs.messages("other")).extracting("body").containsExactly("after that");
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void whereTheDeadLetterQueueIsGoneTheRedrivePolicyIsReadAgainAtOnce() {
    listener.sqs.createQueue("dead");
    listener.sqs.createQueue("other");
    failsAlways(Map.of(QueueAttributeName.REDRIVE_POLICY, redrivePolicy("dead")));
    listener.start().runFor(Duration.ofSeconds(1));
    redriveTo("other");
    listener.sqs.deleteQueue(r -> r.queueUrl(listener.url("dead")));
    listener.send("q", "b");
    listener.runFor(Duration.ofMinutes(2));
    assertThat(listener.order()).as("retried once").containsExactly("a", "b", "b");
    assertThat(listener.sqs.messages("other")).extracting("body").containsExactly("b");
  }

  private void failsAlways(Map<QueueAttributeName, String> attributes) {
    listener
        .queue(
            SqsListenerConfig.builder("q")
                .retry((failure, message) -> new FailureAction.DeadLetter())
                .build(),
            attributes)
        .options(reporting())
        .handler(
            message -> {
              throw broken;
            });
    listener.send("q", "a");
  }

  private String redrivePolicy(String queue) {
    return "{\"deadLetterTargetArn\":\""
        + listener.sqs.arn(queue)
        + "\",\"maxReceiveCount\":\"10\"}";
  }

  @Test
  void aDeadLetterKeepsItsSourceAndItsTraceThoughItHasTenAttributes() {
    withDeadLetterQueue();
    Map<String, MessageAttributeValue> ten = new HashMap<>();
    for (int i = 0; i < 10; i++) {
      ten.put("a" + i, MessageAttributeValue.builder().dataType("String").stringValue("v").build());
    }
    listener.sqs.purgeQueue(r -> r.queueUrl(listener.url("q")));
    listener.sqs.sendMessage(
        r ->
            r.queueUrl(listener.url("q"))
                .messageBody("full")
                .messageAttributes(ten)
                .messageSystemAttributes(
                    Map.of(
                        MessageSystemAttributeNameForSends.AWS_TRACE_HEADER,
                        MessageSystemAttributeValue.builder()
                            .dataType("String")
                            .stringValue("Root=1-5759e988-bd862e3fe1be46a994272793")
                            .build())));
    listener.start().runFor(Duration.ofMinutes(1));
    var dead =
        listener
            .sqs
            .receiveMessage(
                r ->
                    r.queueUrl(listener.url("dead"))
                        .messageAttributeNames("All")
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
            .messages()
            .get(0);
    assertThat(dead.messageAttributes()).hasSize(10).containsKeys("multisqs.source", "a8");
    assertThat(dead.attributes())
        .containsEntry(
            MessageSystemAttributeName.AWS_TRACE_HEADER,
            "Root=1-5759e988-bd862e3fe1be46a994272793");
  }

  @Test
  void withoutADeadLetterQueueTheMessageIsRetried() {
    // A policy of the user's own does not say at the start that it dead-letters.
    failsOnce((failure, message) -> new FailureAction.DeadLetter(), broken);
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(2_100));
  }

  @Test
  void aTransientExceptionIsRetriedWhateverThePolicySays() {
    failsOnce(RetryPolicy.discard(), new TransientException("not now"));
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(2_100));
  }

  @Test
  void aTransientExceptionMayChooseItsDelay() {
    failsOnce(
        (failure, message) -> new FailureAction.DeadLetter(),
        new TransientException("not now", broken, Duration.ofSeconds(45)));
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(45), Duration.ofMillis(45_100));
  }

  @Test
  void aTransientExceptionFollowsAPolicyThatRetries() {
    failsOnce(RetryPolicy.fixed(Duration.ofSeconds(9)), new TransientException("not now"));
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(9), Duration.ofMillis(9_100));
  }

  @Test
  void aPolicyThatThrowsMeansTheDefaultBackoff() {
    failsOnce(
        (failure, message) -> {
          throw new StackOverflowError("policy");
        },
        broken);
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(2_100));
  }

  @Test
  void aPolicyThatAnswersNullMeansTheDefaultBackoff() {
    failsOnce((failure, message) -> null, broken);
    assertThat(retriedAfter()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(2_100));
  }

  static Stream<Throwable> anything() {
    return Stream.of(
        new Exception("checked"),
        new IllegalStateException("unchecked"),
        new Error("an error"),
        new StackOverflowError("deep"),
        new OutOfMemoryError("simulated"),
        new LinkageError("wiring"),
        new AssertionError("asserted"),
        new Throwable("plain"),
        new Exception() {
          private static final long serialVersionUID = 1L;

          @Override
          public String getMessage() {
            throw new IllegalStateException("not even a message");
          }
        });
  }

  @ParameterizedTest
  @MethodSource("anything")
  void whateverAHandlerThrowsCostsItsMessageARetryAndNothingElse(Throwable failure) {
    failsOnce(RetryPolicy.fixed(Duration.ofSeconds(1)), failure);
    listener.send("q", "b", "c");
    listener.start().runFor(Duration.ofSeconds(20));
    assertThat(listener.starts).hasSize(6);
    assertThat(listener.left("q")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.retried()).isEqualTo(3);
    assertThat(account.handled()).isEqualTo(3);
    assertThat(account.addsUp()).as(account.toString()).isTrue();
  }

  @Test
  void aRealStackOverflowCostsItsMessageARetryAndNothingElse() {
    listener
        .queue(SqsListenerConfig.builder("q").retry(RetryPolicy.atOnce()).build())
        .handler(
            message -> {
              if (message.receiveCount() == 1) {
                recurse(0);
              }
            });
    listener.send("q", "a", "b");
    listener.start().runFor(Duration.ofSeconds(5));
    assertThat(listener.left("q")).isZero();
    assertThat(listener.starts).hasSize(4);
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  @Test
  void anInterceptorsFailureIsTheHandlers() {
    listener
        .queue(SqsListenerConfig.builder("q").retry(RetryPolicy.atOnce()).build())
        .options(
            reporting()
                .interceptor(
                    (message, next) -> {
                      if (message.receiveCount() == 1) {
                        throw broken;
                      }
                      next.proceed();
                    }));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(5));
    assertThat(listener.order()).containsExactly("a");
    assertThat(actions).hasSize(1);
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void interceptorsRunInOrderAndOneThatDoesNotProceedHasHandledIt() {
    List<String> calls = new ArrayList<>();
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(
            ListenerOptions.builder()
                .interceptor(
                    (message, next) -> {
                      calls.add("outer");
                      next.proceed();
                      calls.add("outer again");
                    })
                .interceptor(
                    (message, next) -> {
                      calls.add("inner");
                      if (message.body().equals("a")) {
                        next.proceed();
                      }
                    }))
        .handler(message -> calls.add("handler"));
    listener.send("q", "a");
    listener.start().runFor(Duration.ofSeconds(1));
    assertThat(calls).containsExactly("outer", "inner", "handler", "outer again");
    listener.send("q", "b");
    listener.runFor(Duration.ofSeconds(1));
    assertThat(listener.order()).containsExactly("a");
    assertThat(listener.left("q")).isZero();
  }

  @Test
  void oneThatYieldsStartsAgainAfterTheHigherWorkAndCountsNoRetry() {
    listener
        .queue(SqsListenerConfig.of("low"))
        .queue(SqsListenerConfig.builder("high").priority(5).build())
        .options(reporting())
        .handler(
            message -> {
              if (message.queue().equals("high")) {
                listener.work(Duration.ofSeconds(1));
                return;
              }
              for (int i = 0; i < 10; i++) {
                listener.work(Duration.ofSeconds(1));
                if (message.shouldYield()) {
                  throw new YieldException();
                }
              }
            });
    listener.send("low", "L1");
    listener.start().runUntilStarted(1);
    assertThat(listener.sqs.inFlight("low")).isOne();
    listener.runFor(Duration.ofSeconds(3));
    listener.send("high", "H1");
    listener.runFor(Duration.ofSeconds(30));
    assertThat(listener.order()).containsExactly("L1", "H1", "L1");
    assertThat(listener.starts.get(2).receiveCount()).isOne();
    assertThat(actions).isEmpty();
    assertThat(listener.left("low")).isZero();
    StopAccount account = listener.stop(Duration.ofSeconds(30));
    assertThat(account.handled()).isEqualTo(2);
    assertThat(account.addsUp()).isTrue();
  }

  static Stream<PriorityPolicy> policies() {
    return Stream.of(
        PriorityPolicy.strict(),
        PriorityPolicy.strictWithAging(Duration.ofSeconds(10)),
        PriorityPolicy.weighted(Map.of(1, 1, 5, 5)));
  }

  /** It is asked to yield only to what goes before it: else it would start over, and over. */
  @ParameterizedTest
  @MethodSource("policies")
  void yieldingNeverSpins(PriorityPolicy policy) {
    listener
        .queue(SqsListenerConfig.of("low"))
        .queue(SqsListenerConfig.builder("high").priority(5).build())
        .options(reporting().priorityPolicy(policy))
        .handler(
            message -> {
              for (int i = 0; i < (message.queue().equals("low") ? 100 : 1); i++) {
                listener.work(Duration.ofSeconds(1));
                if (message.shouldYield()) {
                  throw new YieldException();
                }
              }
            });
    listener.send("low", "L1");
    listener.start().runFor(Duration.ofSeconds(60));
    listener.send("high", "H1");
    listener.runFor(Duration.ofMinutes(5));
    assertThat(listener.startsOf("high")).isOne();
    assertThat(listener.startsOf("low")).isLessThanOrEqualTo(2);
    assertThat(listener.left("low")).isZero();
  }

  @Test
  void oneThatYieldsToNobodyIsRetriedLater() {
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(reporting())
        .handler(
            message -> {
              throw new YieldException();
            });
    listener.send("q", "a");
    listener.start().runFor(Duration.ofMillis(500));
    assertThat(listener.order()).as("once more at once, then later").containsExactly("a", "a");
    listener.runFor(Duration.ofMinutes(2));
    assertThat(listener.starts.size()).isBetween(4, 20);
    assertThat(actions).isNotEmpty();
  }

  @Test
  void exponentialDoublesWithEachReceiveAndTakesUpToHalfOff() {
    RetryPolicy policy = RetryPolicy.exponential(Duration.ofSeconds(2), Duration.ofSeconds(60));
    for (int i = 0; i < 100; i++) {
      assertThat(delay(policy, 1)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(2));
      assertThat(delay(policy, 3)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
      assertThat(delay(policy, 6)).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
      assertThat(delay(policy, 1000)).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
    }
    RetryPolicy longest = RetryPolicy.exponential(Duration.ofHours(12), Duration.ofHours(12));
    assertThat(delay(longest, 1000)).isLessThanOrEqualTo(Duration.ofHours(12));
  }

  @Test
  void byReceiveCountTakesTheLastDelayForAllThatFollow() {
    RetryPolicy policy =
        RetryPolicy.byReceiveCount(
            Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(30));
    assertThat(Stream.of(1, 2, 3, 4, 500).map(count -> delay(policy, count).toSeconds()))
        .containsExactly(1L, 5L, 30L, 30L, 30L);
  }

  @Test
  void exceptionsAndReceiveCountsMayHavePoliciesOfTheirOwn() {
    RetryPolicy policy =
        RetryPolicy.fixed(Duration.ofSeconds(1))
            .on(IOException.class, RetryPolicy.discard())
            .on(java.io.FileNotFoundException.class, RetryPolicy.atOnce())
            .fromReceive(5, RetryPolicy.deadLetter());
    assertThat(policy.onFailure(new Exception(), message(1)))
        .isEqualTo(new FailureAction.RetryAfter(Duration.ofSeconds(1)));
    assertThat(policy.onFailure(broken, message(4))).isEqualTo(new FailureAction.Discard());
    assertThat(policy.onFailure(new java.io.FileNotFoundException(), message(1)))
        .isEqualTo(new FailureAction.RetryAfter(Duration.ZERO));
    assertThat(policy.onFailure(broken, message(5))).isEqualTo(new FailureAction.DeadLetter());
  }

  private Duration delay(RetryPolicy policy, int receiveCount) {
    return ((FailureAction.RetryAfter) policy.onFailure(broken, message(receiveCount))).delay();
  }

  private static ReceivedMessage message(int receiveCount) {
    return ReceivedMessage.of(
        "q",
        software.amazon.awssdk.services.sqs.model.Message.builder()
            .messageId("id")
            .attributesWithStrings(
                Map.of("ApproximateReceiveCount", Integer.toString(receiveCount)))
            .build());
  }

  @Test
  void failuresOfAKindAreLoggedOnceThenCounted() {
    listener
        .queue(SqsListenerConfig.builder("q").prefetch(100).retry(RetryPolicy.discard()).build())
        .handler(
            message -> {
              listener.work(Duration.ofMillis(50));
              throw message.body().equals("m7")
                  ? new IllegalArgumentException("another kind")
                  : new IllegalStateException("as told");
            });
    listener.send("q", "m", 4_000);
    try (RecordedLog log = RecordedLog.of("io.multisqs.Failures")) {
      listener.start().runFor(Duration.ofSeconds(50));
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(0)).startsWith("WARN handler of q failed on receive 1 of message");
      listener.runFor(Duration.ofSeconds(200));
      assertThat(listener.starts).hasSize(4_000);
      assertThat(log.lines()).as("once a minute").hasSizeBetween(4, 6);
      assertThat(log.lines().get(2))
          .matches("WARN handler of q failed 1[0-9]{3} more times, the last time with .*State.*");
    }
  }
}
