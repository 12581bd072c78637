package io.multisqs.internal;

import java.util.List;

/**
 * Initialises, at the start, the classes that would else be initialised when the first message
 * comes, or the first one fails. One whose initialiser meets an OutOfMemoryError, since a handler
 * fills the heap just then, or the end of a stack, is lost for as long as the JVM lives: each later
 * use throws {@link NoClassDefFoundError}. Those of which the listener is put together are there.
 */
final class EarlyClasses {
  /** By name, as some are made by the compiler, and some are not for others to use. */
  static final List<String> OWN =
      List.of(
          "io.multisqs.ListenerState",
          "io.multisqs.QueueStatus",
          "io.multisqs.ReceivedMessage$Control",
          "io.multisqs.internal.Acknowledger$1",
          "io.multisqs.internal.Backoff",
          "io.multisqs.internal.Choice$1",
          "io.multisqs.internal.Delivery$Stage",
          "io.multisqs.internal.Departures$Deleted",
          "io.multisqs.internal.Departures$MayGiveBack",
          "io.multisqs.internal.GiveBacks$1",
          "io.multisqs.internal.HandlerCall$Cause",
          "io.multisqs.internal.Heat$1",
          "io.multisqs.internal.Heat$Evidence",
          "io.multisqs.internal.Lease",
          "io.multisqs.internal.Loop",
          "io.multisqs.internal.Outcome",
          "io.multisqs.internal.Outcome$1",
          "io.multisqs.internal.QueuePoller",
          "io.multisqs.internal.StartChecks$MayPass",
          "io.multisqs.internal.Stopping$1");

  private static final String SDK = "software.amazon.awssdk.services.sqs.";

  /** What the SDK first needs for a delete, an extension, or an answer with a message. */
  static final List<String> OF_THE_SDK =
      List.of(
          SDK + "model.BatchResultErrorEntry",
          SDK + "model.ChangeMessageVisibilityBatchRequest",
          SDK + "model.ChangeMessageVisibilityBatchRequestEntry",
          SDK + "model.ChangeMessageVisibilityBatchResponse",
          SDK + "model.ChangeMessageVisibilityBatchResultEntry",
          SDK + "model.ChangeMessageVisibilityRequest",
          SDK + "model.ChangeMessageVisibilityResponse",
          SDK + "model.DeleteMessageBatchRequest",
          SDK + "model.DeleteMessageBatchRequestEntry",
          SDK + "model.DeleteMessageBatchResponse",
          SDK + "model.DeleteMessageBatchResultEntry",
          SDK + "model.Message",
          SDK + "model.MessageAttributeValue",
          SDK + "model.MessageSystemAttributeName",
          SDK + "model.ReceiveMessageRequest",
          SDK + "model.ReceiveMessageResponse",
          SDK + "transform.ChangeMessageVisibilityBatchRequestMarshaller",
          SDK + "transform.ChangeMessageVisibilityRequestMarshaller",
          SDK + "transform.DeleteMessageBatchRequestMarshaller",
          SDK + "transform.ReceiveMessageRequestMarshaller");

  private EarlyClasses() {}

  static void initialise() {
    OWN.forEach(EarlyClasses::initialise);
    OF_THE_SDK.forEach(EarlyClasses::initialise);
  }

  private static void initialise(String name) {
    try {
      Class.forName(name, true, EarlyClasses.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      // Another version of the SDK, or a repackaged library: it is initialised when it is used.
      Thread.onSpinWait();
    }
  }
}
