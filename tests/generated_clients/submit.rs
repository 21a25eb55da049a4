//! Submits the sample with the Rust client of openapi-generator: arguments are the address and the sample's folder.

use face_client::apis::configuration::Configuration;
use face_client::apis::face_masks_api::{erase, status, submit};
use face_client::models::{Submit200Response, SubmitJson};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (url, sample) = (arguments.next().unwrap(), arguments.next().unwrap());
    let landmarks = std::fs::read_to_string(format!("{sample}/landmarks.json")).unwrap();
    let configuration = Configuration { base_path: url, ..Configuration::default() };
    let body = SubmitJson {
        image: Some(Some(std::fs::read_to_string(format!("{sample}/image.base64")).unwrap())),
        landmarks: Some(Some(serde_json::from_str(&landmarks).unwrap())),
        ..SubmitJson::new()
    };
    let answer = submit(&configuration, body, Some(30.0), None, Some("rust-1"), None).await.unwrap();
    let Submit200Response::CompletedBody(job) = answer else { panic!("{answer:?}") };
    assert!(job.regions.iter().any(|region| region.name == "nose"));
    assert!(status(&configuration, &job.id, None, None).await.is_ok());
    erase(&configuration, &job.id).await.unwrap();
    assert!(status(&configuration, &job.id, None, None).await.is_err());
    println!("done");
}
