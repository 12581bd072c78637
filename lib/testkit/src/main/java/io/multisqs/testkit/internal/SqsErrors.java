package io.multisqs.testkit.internal;

import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.sqs.model.BatchEntryIdsNotDistinctException;
import software.amazon.awssdk.services.sqs.model.BatchRequestTooLongException;
import software.amazon.awssdk.services.sqs.model.EmptyBatchRequestException;
import software.amazon.awssdk.services.sqs.model.InvalidAttributeNameException;
import software.amazon.awssdk.services.sqs.model.InvalidAttributeValueException;
import software.amazon.awssdk.services.sqs.model.InvalidBatchEntryIdException;
import software.amazon.awssdk.services.sqs.model.InvalidMessageContentsException;
import software.amazon.awssdk.services.sqs.model.MessageNotInflightException;
import software.amazon.awssdk.services.sqs.model.OverLimitException;
import software.amazon.awssdk.services.sqs.model.PurgeQueueInProgressException;
import software.amazon.awssdk.services.sqs.model.QueueDeletedRecentlyException;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.QueueNameExistsException;
import software.amazon.awssdk.services.sqs.model.ReceiptHandleIsInvalidException;
import software.amazon.awssdk.services.sqs.model.RequestThrottledException;
import software.amazon.awssdk.services.sqs.model.ResourceNotFoundException;
import software.amazon.awssdk.services.sqs.model.SqsException;
import software.amazon.awssdk.services.sqs.model.TooManyEntriesInBatchRequestException;

/** The errors that SQS answers with, under the codes that the SDK shows for them. */
public final class SqsErrors {

  private static final String QUERY = "AWS.SimpleQueueService.";

  private SqsErrors() {}

  /** Too many requests. */
  public static SqsException throttled() {
    return of(RequestThrottledException.builder(), "RequestThrottled", 403, "Request throttled.");
  }

  /** A failure inside SQS. */
  public static SqsException internalError() {
    return of(SqsException.builder(), "InternalError", 500, "We encountered an internal error.");
  }

  static SqsException queueDoesNotExist() {
    return of(
        QueueDoesNotExistException.builder(),
        QUERY + "NonExistentQueue",
        400,
        "The specified queue does not exist.");
  }

  static SqsException queueNameExists(String name) {
    return of(
        QueueNameExistsException.builder(),
        "QueueAlreadyExists",
        400,
        "A queue named " + name + " exists already, with other attributes.");
  }

  static SqsException queueDeletedRecently() {
    return of(
        QueueDeletedRecentlyException.builder(),
        QUERY + "QueueDeletedRecently",
        400,
        "You must wait 60 seconds after deleting a queue before you can create another with the"
            + " same name.");
  }

  static SqsException purgeInProgress(String name) {
    return of(
        PurgeQueueInProgressException.builder(),
        QUERY + "PurgeQueueInProgress",
        403,
        "Only one PurgeQueue operation on " + name + " is allowed every 60 seconds.");
  }

  static SqsException resourceNotFound(String what) {
    return of(ResourceNotFoundException.builder(), "ResourceNotFoundException", 404, what);
  }

  static SqsException overLimit(int limit) {
    return of(
        OverLimitException.builder(),
        "OverLimit",
        403,
        "Too many messages are in flight, the limit is " + limit + ".");
  }

  static SqsException invalidAttributeName(String name) {
    return of(
        InvalidAttributeNameException.builder(),
        "InvalidAttributeName",
        400,
        "Unknown Attribute " + name + ".");
  }

  static SqsException invalidAttributeValue(String name, String reason) {
    return of(
        InvalidAttributeValueException.builder(),
        "InvalidAttributeValue",
        400,
        "Invalid value for the parameter " + name + ". Reason: " + reason);
  }

  static SqsException invalidMessageContents() {
    return of(
        InvalidMessageContentsException.builder(),
        "InvalidMessageContents",
        400,
        "The message has characters that SQS does not take.");
  }

  static SqsException emptyBatch() {
    return of(
        EmptyBatchRequestException.builder(),
        QUERY + "EmptyBatchRequest",
        400,
        "There should be at least one entry in the request.");
  }

  static SqsException tooManyEntries(int count, int limit) {
    return of(
        TooManyEntriesInBatchRequestException.builder(),
        QUERY + "TooManyEntriesInBatchRequest",
        400,
        "Maximum number of entries per request are " + limit + ". You have sent " + count + ".");
  }

  static SqsException idsNotDistinct(String id) {
    return of(
        BatchEntryIdsNotDistinctException.builder(),
        QUERY + "BatchEntryIdsNotDistinct",
        400,
        "Id " + id + " repeated.");
  }

  static SqsException invalidEntryId() {
    return of(
        InvalidBatchEntryIdException.builder(),
        QUERY + "InvalidBatchEntryId",
        400,
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It"
            + " can be at most 80 letters long.");
  }

  static SqsException batchTooLong(long bytes, int limit) {
    return of(
        BatchRequestTooLongException.builder(),
        QUERY + "BatchRequestTooLong",
        400,
        "Batch requests cannot be longer than " + limit + " bytes. You have sent " + bytes + ".");
  }

  static SqsException messageNotInflight() {
    return of(
        MessageNotInflightException.builder(),
        QUERY + "MessageNotInflight",
        400,
        "The message referred to is not in flight.");
  }

  static SqsException receiptHandleIsInvalid(String handle) {
    return of(
        ReceiptHandleIsInvalidException.builder(),
        "ReceiptHandleIsInvalid",
        404,
        "The input receipt handle \"" + handle + "\" is not a valid receipt handle.");
  }

  static SqsException receiptHandle(String handle, String reason) {
    return invalidParameter(
        "Value " + handle + " for parameter ReceiptHandle is invalid. Reason: " + reason);
  }

  static SqsException invalidParameter(String message) {
    return of(SqsException.builder(), "InvalidParameterValue", 400, message);
  }

  static SqsException missingParameter(String name) {
    return of(
        SqsException.builder(),
        "MissingParameter",
        400,
        "The request must contain the parameter " + name + ".");
  }

  private static SqsException of(
      SqsException.Builder builder, String code, int status, String message) {
    AwsErrorDetails details =
        AwsErrorDetails.builder()
            .errorCode(code)
            .errorMessage(message)
            .serviceName("Sqs")
            .sdkHttpResponse(SdkHttpResponse.builder().statusCode(status).build())
            .build();
    builder.message(message);
    builder.awsErrorDetails(details);
    builder.statusCode(status);
    builder.requestId("in-memory");
    return (SqsException) builder.build();
  }
}
