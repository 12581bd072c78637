package io.multisqs.testkit;

/** An operation of SQS that {@link InMemorySqs} serves. */
public enum Operation {
  /** {@code SendMessage}. */
  SEND,
  /** {@code SendMessageBatch}. */
  SEND_BATCH,
  /** {@code ReceiveMessage}. */
  RECEIVE,
  /** {@code DeleteMessage}. */
  DELETE,
  /** {@code DeleteMessageBatch}. */
  DELETE_BATCH,
  /** {@code ChangeMessageVisibility}. */
  CHANGE_VISIBILITY,
  /** {@code ChangeMessageVisibilityBatch}. */
  CHANGE_VISIBILITY_BATCH,
  /** {@code CreateQueue}. */
  CREATE_QUEUE,
  /** {@code GetQueueUrl}. */
  GET_QUEUE_URL,
  /** {@code GetQueueAttributes}. */
  GET_QUEUE_ATTRIBUTES,
  /** {@code SetQueueAttributes}. */
  SET_QUEUE_ATTRIBUTES,
  /** {@code PurgeQueue}. */
  PURGE_QUEUE,
  /** {@code DeleteQueue}. */
  DELETE_QUEUE,
  /** {@code ListQueues}. */
  LIST_QUEUES,
  /** {@code ListDeadLetterSourceQueues}. */
  LIST_DEAD_LETTER_SOURCE_QUEUES,
  /** {@code StartMessageMoveTask}. */
  START_MOVE_TASK,
  /** {@code TagQueue}. */
  TAG_QUEUE,
  /** {@code UntagQueue}. */
  UNTAG_QUEUE,
  /** {@code ListQueueTags}. */
  LIST_QUEUE_TAGS;

  /**
   * Whether the operation takes several entries, of which some may fail.
   *
   * @return true for the three batch operations
   */
  public boolean isBatch() {
    return this == SEND_BATCH || this == DELETE_BATCH || this == CHANGE_VISIBILITY_BATCH;
  }
}
