package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.multisqs.testkit.Fault;
import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testkit.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SqsException;

/** What only SQS can tell is refused at the start, before the first poll, all in one list. */
@Tag("I17")
class I17RefusedStartTest {
  private final InMemorySqs sqs = new InMemorySqs();

  private ListenerStartException refusal(
      ListenerOptions.Builder options, SqsListenerConfig... queues) {
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(queues),
            options.region("us-east-1").build(),
            (queue, bus, priority, message) -> {});
    ListenerStartException refused =
        catchThrowableOfType(ListenerStartException.class, listener::start);
    assertThat(refused).as("the start is refused").isNotNull();
    assertThat(listener.state()).isEqualTo(ListenerState.FAILED);
    assertThat(sqs.calls()).noneMatch(call -> call.operation() == Operation.RECEIVE);
    return refused;
  }

  private ListenerOptions.Builder options() {
    return ListenerOptions.builder().sqsClient(sqs);
  }

  private static Supplier<RuntimeException> answer(String code) {
    return () ->
        SqsException.builder()
            .statusCode(403)
            .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
            .message("as told")
            .build();
  }

  @Test
  void anUnknownQueueIsNamedWithRegionAndRemedy() {
    assertThat(refusal(options(), SqsListenerConfig.of("nowhere")))
        .hasMessage(
            "the listener does not start, nothing was received; 1 problem:\n  - queue nowhere in"
                + " us-east-1: does not exist; create it, correct its name, region or"
                + " ownerAccountId, or set awaitQueue");
  }

  @Test
  void allProblemsOfAllQueuesAreInOneListInTheirOrder() {
    sqs.createQueue("sound");
    sqs.createQueue("hasty", Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "0"));
    ListenerStartException refused =
        refusal(
            options(),
            SqsListenerConfig.of("nowhere"),
            SqsListenerConfig.of("sound"),
            SqsListenerConfig.of("hasty"),
            SqsListenerConfig.of(sqs.arn("sound")),
            SqsListenerConfig.of("neither.fifo"));
    assertThat(refused).hasMessageContaining("nothing was received; 4 problems:");
    assertThat(refused.problems())
        .extracting(ListenerStartException.Problem::queue)
        .containsExactly("nowhere", "hasty", sqs.arn("sound"), "neither.fifo");
    assertThat(refused.problems().get(1).problem()).startsWith("has a visibility timeout of 0 s");
    assertThat(refused.problems().get(1).remedy())
        .isEqualTo("set visibilityTimeout here or on the queue");
    assertThat(refused.problems().get(2).problem()).isEqualTo("is the same queue as sound");
    assertThat(refused.problems().get(2).remedy()).isEqualTo("configure it once");
  }

  @Test
  void accessDeniedIsToldFromAMissingQueue() {
    sqs.createQueue("q");
    sqs.faults().always(Operation.GET_QUEUE_ATTRIBUTES, Fault.refuse(answer("AccessDenied")));
    ListenerStartException refused = refusal(options(), SqsListenerConfig.of("q"));
    assertThat(refused.problems().get(0).problem()).isEqualTo("SQS answered AccessDenied");
    assertThat(refused.problems().get(0).detail()).startsWith("as told");
    assertThat(refused.problems().get(0).remedy())
        .isEqualTo(
            "allow sqs:GetQueueUrl, GetQueueAttributes, ReceiveMessage, DeleteMessage and"
                + " ChangeMessageVisibility on it");
    assertThat(refused).hasCauseInstanceOf(SqsException.class);
  }

  @Test
  void anAnswerWithoutACodeIsAProblemToo() {
    sqs.createQueue("q");
    sqs.faults().always(Operation.GET_QUEUE_URL, Fault.refuse(answer(null)));
    assertThat(refusal(options(), SqsListenerConfig.of("q")).problems().get(0).problem())
        .isEqualTo("SQS answered HTTP 403");
  }

  @Test
  void noCredentials() {
    sqs.faults()
        .always(
            Operation.GET_QUEUE_URL,
            Fault.refuse(
                () -> SdkClientException.create("Unable to load credentials from any provider")));
    assertThat(refusal(options(), SqsListenerConfig.of("q")).problems())
        .containsExactly(
            new ListenerStartException.Problem(
                "q",
                "us-east-1",
                "there are no credentials",
                "give the process credentials that SQS takes, in the environment or on your"
                    + " client",
                "Unable to load credentials from any provider"));
  }

  @Test
  void noNetwork() {
    sqs.faults().always(Operation.GET_QUEUE_URL, Fault.timeout());
    ListenerStartException refused =
        refusal(options().startTimeout(Duration.ofMillis(50)), SqsListenerConfig.of("q"));
    assertThat(refused.problems().get(0).problem())
        .isEqualTo(
            "was not found within the startTimeout of 50 ms: the call was not answered in time");
    assertThat(refused.problems().get(0).remedy())
        .isEqualTo("check the network, the region and the endpoint, then start again");
  }

  @Test
  void aRegionWithoutTheQueue() {
    InMemorySqs elsewhere = new InMemorySqs();
    sqs.createQueue("q");
    ListenerOptions.Builder options =
        ListenerOptions.builder()
            .sqsClients(region -> region.equals("us-east-1") ? sqs : elsewhere);
    ListenerStartException refused =
        refusal(options, SqsListenerConfig.builder("q").region("eu-west-1").build());
    assertThat(refused.problems())
        .containsExactly(
            new ListenerStartException.Problem(
                "q",
                "eu-west-1",
                "does not exist",
                "create it, correct its name, region or ownerAccountId, or set awaitQueue"));
  }

  @Test
  void aUsersFunctionThatGivesNoClientOrThrows() {
    ListenerOptions.Builder none = ListenerOptions.builder().sqsClients(region -> null);
    assertThat(refusal(none, SqsListenerConfig.of("q")).problems().get(0).problem())
        .isEqualTo("sqsClients must give a client, gave null");
    ListenerOptions.Builder throwing =
        ListenerOptions.builder()
            .sqsClients(
                region -> {
                  throw new IllegalStateException("no client for " + region);
                });
    assertThat(refusal(throwing, SqsListenerConfig.of("q")).problems().get(0).problem())
        .isEqualTo("no client for us-east-1");
  }

  @Test
  void aFifoNameThatIsNone() {
    SqsClient liar =
        new SqsClient() {
          @Override
          public software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse getQueueUrl(
              software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest request) {
            return software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse.builder()
                .queueUrl("http://127.0.0.1/000000000000/" + request.queueName())
                .build();
          }

          @Override
          public software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse
              getQueueAttributes(
                  software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest request) {
            boolean named = request.queueUrl().endsWith(".fifo");
            return software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse.builder()
                .attributes(
                    named
                        ? Map.of(QueueAttributeName.VISIBILITY_TIMEOUT, "30")
                        : Map.of(QueueAttributeName.FIFO_QUEUE, "true"))
                .build();
          }

          @Override
          public String serviceName() {
            return SERVICE_NAME;
          }

          @Override
          public void close() {}
        };
    ListenerStartException refused =
        refusal(
            ListenerOptions.builder().sqsClient(liar),
            SqsListenerConfig.of("claims.fifo"),
            SqsListenerConfig.of("hides"));
    assertThat(refused.problems())
        .extracting(ListenerStartException.Problem::problem)
        .containsExactly(
            "is no FIFO queue, for all its name", "is a FIFO queue whose name does not say so");
  }

  @Test
  void aPolicyThatDeadLettersNeedsADeadLetterQueue() {
    sqs.createQueue("q");
    RetryPolicy policy = RetryPolicy.DEFAULT.fromReceive(5, RetryPolicy.deadLetter());
    assertThat(refusal(options(), SqsListenerConfig.builder("q").retry(policy).build()).problems())
        .containsExactly(
            new ListenerStartException.Problem(
                "q",
                "us-east-1",
                "has no dead-letter queue, to which its retry policy sends",
                "set the queue's RedrivePolicy, or another retry policy"));
  }

  @Test
  void aMissingQueueCanBeAwaited() {
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(SqsListenerConfig.builder("later").awaitQueue(true).build()),
            options().region("us-east-1").build(),
            (queue, bus, priority, message) -> {});
    listener.start();
    assertThat(listener.state()).isEqualTo(ListenerState.RUNNING);
    assertThat(listener.snapshot().queue("later").status()).isEqualTo(QueueStatus.AWAITED);
    assertThat(listener.stop(Duration.ofSeconds(10)).addsUp()).isTrue();
  }
}
