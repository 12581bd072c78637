package io.multisqs.benchmarks.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A message's body as it stands in JSON, with its MD5 in hexadecimal; a million messages may share
 * one.
 */
final class Body {
  private static final MessageDigest MD5 = md5Digest();

  final byte[] json;
  final byte[] md5;

  private Body(byte[] json, byte[] md5) {
    this.json = json;
    this.md5 = md5;
  }

  /** Takes the raw inside of a JSON string. */
  static Body ofJson(byte[] data, int from, int to, boolean escaped) {
    byte[] json = Arrays.copyOfRange(data, from, to);
    return new Body(json, md5Of(escaped ? JsonScanner.unescape(data, from, to) : json));
  }

  static Body of(String text) {
    Out out = new Out();
    out.quoted(text);
    byte[] json = Arrays.copyOfRange(out.data, 1, out.length - 1);
    return new Body(json, md5Of(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * A text of exactly {@code size} bytes: the mark, a blank, and filling; the mark alone if there
   * is no room.
   */
  static Body padded(String mark, int size) {
    byte[] text =
        Arrays.copyOf(mark.getBytes(StandardCharsets.US_ASCII), Math.max(size, mark.length()));
    Arrays.fill(text, mark.length(), text.length, (byte) 'x');
    if (text.length > mark.length()) {
      text[mark.length()] = ' ';
    }
    return new Body(text, md5Of(text));
  }

  private static byte[] md5Of(byte[] text) {
    Out out = new Out();
    synchronized (MD5) { // bodies are made by the loop and, when preloading, by the caller
      for (byte octet : MD5.digest(text)) {
        out.hex(octet, 2);
      }
    }
    return out.copy();
  }

  private static MessageDigest md5Digest() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }
}
