import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/** Posts files by multipart with the client that Java comes with, as it is: it offers HTTP/2 on its first request. */
public final class Submit {
    private static final String BOUNDARY = "a-boundary-of-java";

    private static void part(ByteArrayOutputStream form, String name, Path file) throws IOException {
        String head = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\""
            + file.getFileName() + "\"\r\n\r\n";
        form.write(head.getBytes());
        form.write(Files.readAllBytes(file));
        form.write("\r\n".getBytes());
    }

    /** Arguments: the service's address, the photo, the label map, the landmarks. Prints a status for each request. */
    public static void main(String[] arguments) throws Exception {
        String api = arguments[0] + "/api/v1/frontal/crop";
        ByteArrayOutputStream form = new ByteArrayOutputStream();
        part(form, "image", Path.of(arguments[1]));
        part(form, "segmentation_map", Path.of(arguments[2]));
        part(form, "landmarks", Path.of(arguments[3]));
        form.write(("--" + BOUNDARY + "--\r\n").getBytes());
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest submit = HttpRequest.newBuilder(URI.create(api + "/submit?wait=30"))
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray()))
            .build();
        HttpRequest chunked = HttpRequest.newBuilder(submit.uri())
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofByteArray(form.toByteArray())))
            .build();
        HttpRequest status = HttpRequest.newBuilder(URI.create(api + "/status/none")).build();
        for (HttpRequest request : new HttpRequest[] {submit, status, chunked, submit, status}) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            boolean completed = answer.body().contains("\"status\":\"completed\"");
            System.out.println(answer.statusCode() + (completed ? " completed" : ""));
        }
    }
}
