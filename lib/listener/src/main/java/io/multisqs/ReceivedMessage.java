package io.multisqs;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * One message as it was received from SQS, with what its handler may do about it while it runs.
 *
 * <p>What it says never changes; {@link #shouldYield()}, {@link #isLeaseLost()} and {@link
 * #extendVisibility} speak with the listener. Safe for use by many threads.
 */
public final class ReceivedMessage {

  private final String queue;
  private final Message message;
  private final Control control;

  /** What a running message can ask of its listener. Implemented by the listener. */
  public interface Control {
    /**
     * See {@link ReceivedMessage#extendVisibility}.
     *
     * @param timeout counted from now
     */
    void extendVisibility(Duration timeout);

    /**
     * See {@link ReceivedMessage#shouldYield}.
     *
     * @return whether higher work waits for a slot
     */
    boolean shouldYield();

    /**
     * See {@link ReceivedMessage#isLeaseLost}.
     *
     * @return whether others may have the message now
     */
    boolean isLeaseLost();

    /** For a message without a listener: extends nothing, never yields, never loses its lease. */
    Control NONE =
        new Control() {
          @Override
          public void extendVisibility(Duration timeout) {}

          @Override
          public boolean shouldYield() {
            return false;
          }

          @Override
          public boolean isLeaseLost() {
            return false;
          }
        };
  }

  private ReceivedMessage(String queue, Message message, Control control) {
    this.queue = queue;
    this.message = message;
    this.control = control;
  }

  /**
   * A message without a listener, for tests of handlers.
   *
   * @param queue the queue's name
   * @param message what SQS gave
   * @return the message
   */
  public static ReceivedMessage of(String queue, Message message) {
    return new ReceivedMessage(queue, message, Control.NONE);
  }

  /**
   * A message with something behind its controls.
   *
   * @param queue the queue's name
   * @param message what SQS gave
   * @param control what answers for the listener
   * @return the message
   */
  public static ReceivedMessage of(String queue, Message message, Control control) {
    return new ReceivedMessage(queue, message, control);
  }

  /**
   * The queue that it was received from.
   *
   * @return the queue's name, without region and account
   */
  public String queue() {
    return queue;
  }

  /**
   * SQS's message id, the same on every receive.
   *
   * @return the id
   */
  public String id() {
    return message.messageId();
  }

  /**
   * The message's text.
   *
   * @return the body, as it was sent
   */
  public String body() {
    return message.body();
  }

  /**
   * The message attributes that the queue's {@link SqsListenerConfig#messageAttributes() setting}
   * asks for.
   *
   * @return by name; empty if there are none
   */
  public Map<String, MessageAttributeValue> attributes() {
    return message.messageAttributes();
  }

  /**
   * A text attribute.
   *
   * @param name the attribute's name
   * @return its string value, or empty if it is absent or binary
   */
  public Optional<String> attribute(String name) {
    MessageAttributeValue value = message.messageAttributes().get(name);
    return value == null ? Optional.empty() : Optional.ofNullable(value.stringValue());
  }

  /**
   * What SQS itself says of the message.
   *
   * @return at least the sent timestamp and the receive count; on FIFO queues also group, sequence
   *     number and deduplication id; and what {@link SqsListenerConfig#messageSystemAttributes()}
   *     asks for
   */
  public Map<MessageSystemAttributeName, String> systemAttributes() {
    return message.attributes();
  }

  /**
   * How often the message was received, this time included: SQS's {@code ApproximateReceiveCount}.
   *
   * @return 1 or more
   */
  public int receiveCount() {
    return number(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT)
        .map(Math::toIntExact)
        .orElse(1);
  }

  /**
   * When the message was sent, by SQS's clock.
   *
   * @return the time, or empty if SQS did not say
   */
  public Optional<Instant> sentTime() {
    return number(MessageSystemAttributeName.SENT_TIMESTAMP).map(Instant::ofEpochMilli);
  }

  /**
   * The X-Ray trace that the message was sent in.
   *
   * @return the {@code AWSTraceHeader}, or empty if it has none
   */
  public Optional<String> traceHeader() {
    return Optional.ofNullable(
        message.attributes().get(MessageSystemAttributeName.AWS_TRACE_HEADER));
  }

  /**
   * The message group: on a FIFO queue what is kept in order, on a standard one a fair-queue
   * tenant.
   *
   * @return the group id, or empty if it has none
   */
  public Optional<String> group() {
    return Optional.ofNullable(
        message.attributes().get(MessageSystemAttributeName.MESSAGE_GROUP_ID));
  }

  /**
   * The place in a FIFO queue.
   *
   * @return the sequence number, or empty on a standard queue
   */
  public Optional<String> sequenceNumber() {
    return Optional.ofNullable(
        message.attributes().get(MessageSystemAttributeName.SEQUENCE_NUMBER));
  }

  /**
   * Everything else.
   *
   * @return the SDK's own message, as received
   */
  public Message sdkMessage() {
    return message;
  }

  /**
   * Hides the message from others for a time that counts from now. The listener extends by itself
   * what runs (unless that is switched off for the queue), so this is for queues where it is, or
   * for a time longer than the listener would take: it takes over after half of it, by the queue's
   * own timeout each time. One call to SQS, on this thread.
   *
   * @param timeout 0 s … 12 h, rounded up to whole seconds; SQS refuses more than 12 h since the
   *     receive in all
   * @throws IllegalArgumentException if {@code timeout} is out of range
   * @throws software.amazon.awssdk.core.exception.SdkException if the call fails; the message then
   *     stays hidden as long as it was, or as long as was asked for if SQS took the call and its
   *     answer was lost; the listener counts on the shorter of the two
   */
  public void extendVisibility(Duration timeout) {
    Check.between("visibility timeout", timeout, Duration.ZERO, RetryPolicy.MAX_DELAY);
    control.extendVisibility(timeout);
  }

  /**
   * Whether higher work waits and no slot is free for it. A long job may look now and then, stop
   * early and throw {@link YieldException} to be given back for later.
   *
   * @return true while a message that goes before this one waits for a slot
   */
  public boolean shouldYield() {
    return control.shouldYield();
  }

  /**
   * Whether the message may already be with another consumer: its lease ran out because SQS could
   * not be reached, the process or the machine stood still, or the 12 h are over that SQS allows a
   * message to be hidden in all. Answered from the clock at once, without a call, so that it is of
   * use right before a commit.
   *
   * @return true from then on; a handler that can stop should
   */
  public boolean isLeaseLost() {
    return control.isLeaseLost();
  }

  private Optional<Long> number(MessageSystemAttributeName name) {
    String text = message.attributes().get(name);
    return text == null ? Optional.empty() : Optional.of(Long.valueOf(text));
  }

  /** Queue and id; never the body, which may hold secrets. */
  @Override
  public String toString() {
    return "message " + id() + " of " + queue;
  }
}
