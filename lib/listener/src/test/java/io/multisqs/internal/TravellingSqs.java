package io.multisqs.internal;

import io.multisqs.testkit.InMemorySqs;
import io.multisqs.testkit.QueuedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsServiceClientConfiguration;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/**
 * The way to an {@link InMemorySqs} and back: half of the round trip before a call has its effect,
 * half after. A long poll stands there in virtual time.
 */
final class TravellingSqs implements SqsClient {

  /** A receive as it was made, from the caller's side. */
  record Receive(String queue, int asked, int got, Duration askedAt, Duration answeredAt) {}

  final InMemorySqs sqs;
  private final Simulation simulation;
  Duration roundTrip;

  /** How much longer or shorter each half of a way is, at most and at random. */
  double jitter;

  /** How many messages an answer brings at most, given how many were asked for. */
  IntUnaryOperator mostInAnAnswer = asked -> asked;

  private final Random random = new Random(20261201);

  /** How much longer deletes take. */
  Duration deletesTake = Duration.ZERO;

  /** With which code each entry of a delete is refused, without effect; empty for none. */
  String refusesDeletesWith = "";

  /** Refuses the delete of what is deleted already, as other servers than AWS's do. */
  boolean refusesDeletedReceipts;

  private final Set<String> deletedReceipts = new HashSet<>();

  /** So many changes of visibility, from now, are not answered within their time limit. */
  int visibilityCallsThatHang;

  /** How much later the answer to the next change of visibility comes; SQS takes it in time. */
  Duration nextVisibilityAnswerIsLateBy = Duration.ZERO;

  /** Long polls are answered at once, as through a proxy that cuts them. */
  boolean nothingStands;

  /** Receives of this queue never answer. */
  String hangsOn = "";

  final List<Receive> receives = new ArrayList<>();
  int receivesUnderWay;
  int deleteCalls;
  final List<ChangeMessageVisibilityBatchRequest> visibilityCalls = new ArrayList<>();
  final List<ReceiveMessageRequest> receiveRequests = new ArrayList<>();
  final List<GetQueueUrlRequest> queueUrlRequests = new ArrayList<>();

  TravellingSqs(Simulation simulation, Duration roundTrip) {
    this.simulation = simulation;
    this.roundTrip = roundTrip;
    this.sqs = new InMemorySqs(simulation.time);
  }

  private <T> T travel(Supplier<T> effect) {
    simulation.pass(half());
    T answer;
    try {
      answer = effect.get();
    } catch (RuntimeException e) {
      simulation.pass(half());
      throw e;
    }
    simulation.pass(half());
    return answer;
  }

  private Duration half() {
    double factor = jitter == 0 ? 1 : 1 + jitter * (2 * random.nextDouble() - 1);
    return Duration.ofNanos((long) (roundTrip.toNanos() * factor / 2));
  }

  /** Answers bring as few as SQS's do at times, from a deep queue too: one to all at random. */
  void answerInPart() {
    mostInAnAnswer = asked -> 1 + random.nextInt(asked);
  }

  /** Every second answer brings all that was asked for, the others one to all. */
  void answerInPartAtTimes() {
    mostInAnAnswer = asked -> random.nextBoolean() ? asked : 1 + random.nextInt(asked);
  }

  @Override
  public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
    Duration askedAt = simulation.now();
    receiveRequests.add(request);
    receivesUnderWay++;
    int got = -1;
    try {
      ReceiveMessageResponse response = travel(() -> poll(request));
      got = response.messages().size();
      return response;
    } finally {
      receivesUnderWay--;
      receives.add(
          new Receive(
              queue(request.queueUrl()),
              request.maxNumberOfMessages(),
              got,
              askedAt,
              simulation.now()));
    }
  }

  private ReceiveMessageResponse poll(ReceiveMessageRequest request) {
    String queue = queue(request.queueUrl());
    if (queue.equals(hangsOn)) {
      simulation.waitUntil(Simulation.NEVER, () -> false);
    }
    Integer asked = request.waitTimeSeconds();
    int wait = asked == null || nothingStands ? 0 : asked;
    long deadline = simulation.nanoTime() + Duration.ofSeconds(wait).toNanos();
    int most = mostInAnAnswer.applyAsInt(request.maxNumberOfMessages());
    ReceiveMessageRequest once =
        request.toBuilder().waitTimeSeconds(0).maxNumberOfMessages(most).build();
    for (; ; ) {
      ReceiveMessageResponse response = sqs.receiveMessage(once);
      if (!response.messages().isEmpty() || simulation.nanoTime() >= deadline) {
        return response;
      }
      simulation.waitUntil(
          deadline,
          () -> {
            lookAgainWhenVisible(queue);
            return sqs.visible(queue) > 0;
          });
    }
  }

  private void lookAgainWhenVisible(String queue) {
    if (sqs.inFlight(queue) + sqs.delayed(queue) == 0) {
      return;
    }
    for (QueuedMessage message : sqs.messages(queue)) {
      if (message.state() != QueuedMessage.State.VISIBLE) {
        Duration in = Duration.between(simulation.instant(), message.visibleAt());
        simulation.lookAgainAt(simulation.nanoTime() + in.toNanos());
      }
    }
  }

  static String queue(String url) {
    return url.substring(url.lastIndexOf('/') + 1);
  }

  @Override
  public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
    deleteCalls++;
    simulation.pass(deletesTake);
    return travel(() -> refusesDeletedReceipts ? deleteOnce(request) : delete(request));
  }

  private DeleteMessageBatchResponse delete(DeleteMessageBatchRequest request) {
    if (!refusesDeletesWith.isEmpty()) {
      return refused(request.entries(), refusesDeletesWith);
    }
    return sqs.deleteMessageBatch(request);
  }

  private DeleteMessageBatchResponse deleteOnce(DeleteMessageBatchRequest request) {
    List<DeleteMessageBatchRequestEntry> gone =
        request.entries().stream().filter(e -> !deletedReceipts.add(e.receiptHandle())).toList();
    return gone.isEmpty() ? delete(request) : refused(gone, "ReceiptHandleIsInvalid");
  }

  private static DeleteMessageBatchResponse refused(
      List<DeleteMessageBatchRequestEntry> entries, String code) {
    return DeleteMessageBatchResponse.builder()
        .failed(
            entries.stream()
                .map(e -> BatchResultErrorEntry.builder().id(e.id()).code(code).build())
                .toList())
        .build();
  }

  @Override
  public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
      ChangeMessageVisibilityBatchRequest request) {
    visibilityCalls.add(request);
    if (visibilityCallsThatHang > 0) {
      visibilityCallsThatHang--;
      Duration limit = request.overrideConfiguration().orElseThrow().apiCallTimeout().orElseThrow();
      simulation.pass(limit);
      throw ApiCallTimeoutException.create(limit.toMillis());
    }
    Duration late = nextVisibilityAnswerIsLateBy;
    nextVisibilityAnswerIsLateBy = Duration.ZERO;
    ChangeMessageVisibilityBatchResponse response =
        travel(() -> sqs.changeMessageVisibilityBatch(request));
    simulation.pass(late);
    return response;
  }

  @Override
  public ChangeMessageVisibilityResponse changeMessageVisibility(
      ChangeMessageVisibilityRequest request) {
    return travel(() -> sqs.changeMessageVisibility(request));
  }

  @Override
  public SendMessageResponse sendMessage(SendMessageRequest request) {
    return travel(() -> sqs.sendMessage(request));
  }

  @Override
  public GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest request) {
    queueUrlRequests.add(request);
    return sqs.getQueueUrl(request);
  }

  @Override
  public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
    return sqs.getQueueAttributes(request);
  }

  @Override
  public SqsServiceClientConfiguration serviceClientConfiguration() {
    return sqs.serviceClientConfiguration();
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  @Override
  public void close() {}
}
