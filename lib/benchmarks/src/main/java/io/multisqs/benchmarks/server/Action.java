package io.multisqs.benchmarks.server;

import org.jspecify.annotations.Nullable;

/** The operations that are served. */
enum Action {
  RECEIVE_MESSAGE("ReceiveMessage"),
  DELETE_MESSAGE("DeleteMessage"),
  DELETE_MESSAGE_BATCH("DeleteMessageBatch"),
  CHANGE_MESSAGE_VISIBILITY("ChangeMessageVisibility"),
  CHANGE_MESSAGE_VISIBILITY_BATCH("ChangeMessageVisibilityBatch"),
  SEND_MESSAGE("SendMessage"),
  SEND_MESSAGE_BATCH("SendMessageBatch"),
  CREATE_QUEUE("CreateQueue"),
  GET_QUEUE_URL("GetQueueUrl"),
  GET_QUEUE_ATTRIBUTES("GetQueueAttributes"),
  SET_QUEUE_ATTRIBUTES("SetQueueAttributes"),
  PURGE_QUEUE("PurgeQueue");

  private static final Action[] ALL = values();

  final String label;

  Action(String label) {
    this.label = label;
  }

  static @Nullable Action of(String label) {
    for (Action action : ALL) {
      if (action.label.equals(label)) {
        return action;
      }
    }
    return null;
  }
}
