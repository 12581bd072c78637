package io.multisqs.chaos;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One HTTP/1.1 request or answer, with a body of a stated length, as SQS's protocol has them. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HttpMessage(String head, byte[] body) {
  private static final int LONGEST_HEAD = 64 << 10;

  /** Reads one; null if the other side closed the connection between two messages. */
  static @Nullable HttpMessage read(InputStream in, OutputStream back) throws IOException {
    String head = readHead(in);
    if (head == null) {
      return null;
    }
    HttpMessage message = new HttpMessage(head, new byte[0]);
    if (message.header("transfer-encoding").isPresent()) {
      throw new IOException("chunked bodies are not expected here: " + head);
    }
    if (message.header("expect").isPresent()) {
      back.write(bytes("HTTP/1.1 100 Continue\r\n\r\n"));
      back.flush();
    }
    int length = message.header("content-length").map(Integer::parseInt).orElse(0);
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the connection closed within a body");
    }
    return new HttpMessage(head, body);
  }

  private static @Nullable String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream(512);
    int last = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      last = last << 8 | b;
      if (last == 0x0d0a0d0a) {
        return head.toString(StandardCharsets.ISO_8859_1);
      }
      if (head.size() > LONGEST_HEAD) {
        throw new IOException("no end of the head in sight");
      }
    }
    if (head.size() == 0) {
      return null;
    }
    throw new EOFException("the connection closed within a head");
  }

  static HttpMessage answer(int status, String contentType, String body) {
    byte[] bytes = bytes(body);
    String head =
        "HTTP/1.1 "
            + status
            + " Fault\r\ncontent-type: "
            + contentType
            + "\r\ncontent-length: "
            + bytes.length
            + "\r\n\r\n";
    return new HttpMessage(head, bytes);
  }

  Optional<String> header(String name) {
    for (String line : head.split("\r\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).trim().toLowerCase(Locale.ROOT).equals(name)) {
        return Optional.of(line.substring(colon + 1).trim());
      }
    }
    return Optional.empty();
  }

  /** {@code ReceiveMessage} and the like; empty where there is none. */
  String action() {
    return header("x-amz-target").map(t -> t.substring(t.indexOf('.') + 1)).orElse("");
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  void write(OutputStream out) throws IOException {
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = java.util.Arrays.copyOf(start, start.length + body.length);
    System.arraycopy(body, 0, all, start.length, body.length);
    out.write(all);
    out.flush();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
