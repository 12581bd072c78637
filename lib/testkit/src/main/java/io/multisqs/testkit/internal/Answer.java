package io.multisqs.testkit.internal;

/**
 * What an operation answers, and what of it goes into the record of calls.
 *
 * @param response the response
 * @param count how many messages it brings, or entries succeeded
 * @param bytes the size of the messages it brings
 * @param <T> the type of the response
 */
public record Answer<T>(T response, int count, long bytes) {

  public static <T> Answer<T> of(T response) {
    return new Answer<>(response, 1, 0);
  }
}
