package io.multisqs.testkit;

import static io.multisqs.testkit.internal.Server.nameIn;

import io.multisqs.testkit.internal.Answer;
import io.multisqs.testkit.internal.Caller;
import io.multisqs.testkit.internal.Changing;
import io.multisqs.testkit.internal.Inspection;
import io.multisqs.testkit.internal.Limits;
import io.multisqs.testkit.internal.Queues;
import io.multisqs.testkit.internal.Receiving;
import io.multisqs.testkit.internal.Sending;
import io.multisqs.testkit.internal.Server;
import io.multisqs.testkit.internal.Time;
import java.net.URI;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsServiceClientConfiguration;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityResponse;
import software.amazon.awssdk.services.sqs.model.CreateQueueRequest;
import software.amazon.awssdk.services.sqs.model.CreateQueueResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageResponse;
import software.amazon.awssdk.services.sqs.model.DeleteQueueRequest;
import software.amazon.awssdk.services.sqs.model.DeleteQueueResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse;
import software.amazon.awssdk.services.sqs.model.ListDeadLetterSourceQueuesRequest;
import software.amazon.awssdk.services.sqs.model.ListDeadLetterSourceQueuesResponse;
import software.amazon.awssdk.services.sqs.model.ListQueueTagsRequest;
import software.amazon.awssdk.services.sqs.model.ListQueueTagsResponse;
import software.amazon.awssdk.services.sqs.model.ListQueuesRequest;
import software.amazon.awssdk.services.sqs.model.ListQueuesResponse;
import software.amazon.awssdk.services.sqs.model.PurgeQueueRequest;
import software.amazon.awssdk.services.sqs.model.PurgeQueueResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;
import software.amazon.awssdk.services.sqs.model.SetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.SetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.StartMessageMoveTaskRequest;
import software.amazon.awssdk.services.sqs.model.StartMessageMoveTaskResponse;
import software.amazon.awssdk.services.sqs.model.TagQueueRequest;
import software.amazon.awssdk.services.sqs.model.TagQueueResponse;
import software.amazon.awssdk.services.sqs.model.UntagQueueRequest;
import software.amazon.awssdk.services.sqs.model.UntagQueueResponse;

/**
 * An SQS without a network, on a clock that a test moves, with faults to order.
 *
 * <p>It is a client and the service behind it in one: queues, visibility timeouts, delays, long
 * polls, message groups, deduplication, dead-letter queues and limits behave as AWS documents them.
 * What differs is listed in {@code lib/docs/TESTKIT.md}. There is no HTTP, so the SDK's retries,
 * time-outs and interceptors play no part: a call throws what the SDK would throw in the end.
 * Operations not listed in {@link Operation} throw {@link UnsupportedOperationException}.
 *
 * <p>A receive with {@code WaitTimeSeconds} blocks its thread until a message can be received or
 * the clock has gone so far. An interrupt ends it with {@link
 * software.amazon.awssdk.core.exception.AbortedException}, the flag kept.
 *
 * <p>Safe for use by any number of threads. One lock guards all state; no code from outside runs
 * under it, and no thread waits while it holds it. Answers that a {@link Fault} delays are delayed
 * outside of it.
 */
public final class InMemorySqs implements SqsClient {

  /** The region that all queues are in. */
  public static final Region REGION = Region.US_EAST_1;

  private final Caller caller;
  private final Queues queues;
  private final Sending sending;
  private final Receiving receiving;
  private final Changing changing;
  private final Inspection inspection;

  /** An SQS on the machine's clock. */
  public InMemorySqs() {
    this(Time.ofMachine());
  }

  /**
   * An SQS on a clock that stands still until it is moved.
   *
   * @param time the clock
   */
  public InMemorySqs(VirtualTime time) {
    this(Time.of(time));
  }

  private InMemorySqs(Time time) {
    Server server = new Server(time, REGION.id());
    caller = new Caller(server);
    queues = new Queues(server);
    sending = new Sending(server);
    receiving = new Receiving(server);
    changing = new Changing(server);
    inspection = new Inspection(server);
  }

  /**
   * Creates a queue, or finds the one that has this name and settings. A name that ends in {@code
   * .fifo} makes a FIFO queue, without content-based deduplication.
   *
   * @param name the queue's name
   * @return the queue's URL
   */
  public String createQueue(String name) {
    return createQueue(name, Map.of());
  }

  /**
   * Creates a queue with the given attributes. A name that ends in {@code .fifo} makes a FIFO
   * queue; there is no need to set {@link QueueAttributeName#FIFO_QUEUE}.
   *
   * @param name the queue's name
   * @param attributes the queue's attributes, such as {@code VISIBILITY_TIMEOUT} in seconds
   * @return the queue's URL
   */
  public String createQueue(String name, Map<QueueAttributeName, String> attributes) {
    Map<QueueAttributeName, String> all = new EnumMap<>(QueueAttributeName.class);
    if (name.endsWith(".fifo")) {
      all.put(QueueAttributeName.FIFO_QUEUE, "true");
    }
    all.putAll(attributes);
    return createQueue(r -> r.queueName(name).attributes(all)).queueUrl();
  }

  /**
   * The faults that are to strike the coming calls.
   *
   * @return where to order them
   */
  public Faults faults() {
    return inspection.faults();
  }

  /**
   * The calls that were made, in the order of their beginning, with those under way.
   *
   * @return a copy
   */
  public List<Call> calls() {
    return inspection.calls();
  }

  /**
   * What happened to messages, in the order of time, those included that have been deleted.
   *
   * @return a copy
   */
  public List<MessageEvent> events() {
    return inspection.events();
  }

  /** Empties {@link #calls()} and {@link #events()}, which grow for as long as this lives. */
  public void forgetRecords() {
    inspection.forget();
  }

  /**
   * How many messages of a queue are visible. On a FIFO queue that counts those whose group is
   * locked.
   *
   * @param queue the queue's name
   * @return the number of messages
   * @throws IllegalArgumentException if there is no such queue
   */
  public int visible(String queue) {
    return inspection.visible(queue);
  }

  /**
   * How many messages of a queue were received and are hidden for it.
   *
   * @param queue the queue's name
   * @return the number of messages
   * @throws IllegalArgumentException if there is no such queue
   */
  public int inFlight(String queue) {
    return inspection.inFlight(queue);
  }

  /**
   * How many messages of a queue wait for the end of their delay.
   *
   * @param queue the queue's name
   * @return the number of messages
   * @throws IllegalArgumentException if there is no such queue
   */
  public int delayed(String queue) {
    return inspection.delayed(queue);
  }

  /**
   * The messages of a queue, in the order of their arrival.
   *
   * @param queue the queue's name
   * @return a copy
   * @throws IllegalArgumentException if there is no such queue
   */
  public List<QueuedMessage> messages(String queue) {
    return inspection.messages(queue);
  }

  /**
   * The ARN of a queue, for a redrive policy.
   *
   * @param queue the queue's name
   * @return the ARN
   * @throws IllegalArgumentException if there is no such queue
   */
  public String arn(String queue) {
    return inspection.arn(queue);
  }

  @Override
  public SendMessageResponse sendMessage(SendMessageRequest request) {
    long bytes = Limits.bytes(request.messageBody(), request.messageAttributes());
    return caller.call(
        Operation.SEND, nameIn(request.queueUrl()), 1, bytes, fault -> sending.send(request));
  }

  @Override
  public SendMessageBatchResponse sendMessageBatch(SendMessageBatchRequest request) {
    return caller.call(
        Operation.SEND_BATCH,
        nameIn(request.queueUrl()),
        request.entries().size(),
        Sending.bytes(request.entries()),
        fault -> sending.sendBatch(request, fault));
  }

  @Override
  public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
    Integer max = request.maxNumberOfMessages();
    return caller.call(
        Operation.RECEIVE,
        nameIn(request.queueUrl()),
        max == null ? 1 : max,
        0,
        fault -> receiving.receive(request, fault));
  }

  @Override
  public DeleteMessageResponse deleteMessage(DeleteMessageRequest request) {
    return simple(Operation.DELETE, request.queueUrl(), () -> changing.delete(request));
  }

  @Override
  public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
    return caller.call(
        Operation.DELETE_BATCH,
        nameIn(request.queueUrl()),
        request.entries().size(),
        0,
        fault -> changing.deleteBatch(request, fault));
  }

  @Override
  public ChangeMessageVisibilityResponse changeMessageVisibility(
      ChangeMessageVisibilityRequest request) {
    return simple(Operation.CHANGE_VISIBILITY, request.queueUrl(), () -> changing.change(request));
  }

  @Override
  public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
      ChangeMessageVisibilityBatchRequest request) {
    return caller.call(
        Operation.CHANGE_VISIBILITY_BATCH,
        nameIn(request.queueUrl()),
        request.entries().size(),
        0,
        fault -> changing.changeBatch(request, fault));
  }

  @Override
  public CreateQueueResponse createQueue(CreateQueueRequest request) {
    return simple(Operation.CREATE_QUEUE, request.queueName(), () -> queues.create(request));
  }

  @Override
  public GetQueueUrlResponse getQueueUrl(GetQueueUrlRequest request) {
    return simple(Operation.GET_QUEUE_URL, request.queueName(), () -> queues.url(request));
  }

  @Override
  public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
    return simple(
        Operation.GET_QUEUE_ATTRIBUTES, request.queueUrl(), () -> queues.attributes(request));
  }

  @Override
  public SetQueueAttributesResponse setQueueAttributes(SetQueueAttributesRequest request) {
    return simple(
        Operation.SET_QUEUE_ATTRIBUTES, request.queueUrl(), () -> queues.setAttributes(request));
  }

  @Override
  public PurgeQueueResponse purgeQueue(PurgeQueueRequest request) {
    return simple(Operation.PURGE_QUEUE, request.queueUrl(), () -> queues.purge(request));
  }

  @Override
  public DeleteQueueResponse deleteQueue(DeleteQueueRequest request) {
    return simple(Operation.DELETE_QUEUE, request.queueUrl(), () -> queues.delete(request));
  }

  @Override
  public ListQueuesResponse listQueues(ListQueuesRequest request) {
    return simple(Operation.LIST_QUEUES, null, () -> queues.list(request));
  }

  @Override
  public ListDeadLetterSourceQueuesResponse listDeadLetterSourceQueues(
      ListDeadLetterSourceQueuesRequest request) {
    return simple(
        Operation.LIST_DEAD_LETTER_SOURCE_QUEUES,
        request.queueUrl(),
        () -> queues.deadLetterSources(request));
  }

  @Override
  public StartMessageMoveTaskResponse startMessageMoveTask(StartMessageMoveTaskRequest request) {
    String arn = request.sourceArn();
    String name = arn == null ? null : arn.substring(arn.lastIndexOf(':') + 1);
    return simple(Operation.START_MOVE_TASK, name, () -> queues.startMoveTask(request));
  }

  @Override
  public TagQueueResponse tagQueue(TagQueueRequest request) {
    return simple(Operation.TAG_QUEUE, request.queueUrl(), () -> queues.tag(request));
  }

  @Override
  public UntagQueueResponse untagQueue(UntagQueueRequest request) {
    return simple(Operation.UNTAG_QUEUE, request.queueUrl(), () -> queues.untag(request));
  }

  @Override
  public ListQueueTagsResponse listQueueTags(ListQueueTagsRequest request) {
    return simple(Operation.LIST_QUEUE_TAGS, request.queueUrl(), () -> queues.tags(request));
  }

  @Override
  public SqsServiceClientConfiguration serviceClientConfiguration() {
    return SqsServiceClientConfiguration.builder()
        .region(REGION)
        // As its queues' URLs have it: whoever asks learns that this is not AWS.
        .endpointOverride(URI.create("http://sqs." + REGION + ".localhost"))
        .overrideConfiguration(ClientOverrideConfiguration.builder().build())
        .build();
  }

  @Override
  public String serviceName() {
    return SERVICE_NAME;
  }

  /** Ends all calls: those under way and those to come throw {@link IllegalStateException}. */
  @Override
  public void close() {
    inspection.close();
  }

  private <T> T simple(Operation operation, @Nullable String queue, Supplier<Answer<T>> effect) {
    return caller.call(operation, nameIn(queue), 1, 0, fault -> effect.get());
  }
}
